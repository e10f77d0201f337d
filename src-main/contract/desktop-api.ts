/**
 * What the page asks of the desktop around it rather than of the engine. The Electron preload offers it as
 * `window.varveDesktop`; the browser window has its own.
 */
export interface DesktopApi {
  /** 'electron' or 'browser': the browser has no native dialogs and no dropped paths. */
  readonly host: 'electron' | 'browser';
  /** Asks for a folder; undefined when the person closed the dialog (or, in the browser, when there is none). */
  chooseFolder(): Promise<string | undefined>;
  chooseArchive(): Promise<string | undefined>;
  /** Asks for an exported build. */
  chooseBuildFile(): Promise<string | undefined>;
  /** Asks for a certificate or a key. */
  chooseCertificate(): Promise<string | undefined>;
  chooseSaveFile(suggestedName: string): Promise<string | undefined>;
  /** The real path of a dropped file or folder, or '' where the host cannot tell it. */
  pathOfDropped(file: File): string;
  /** Tells that a build has ended, unless the person looks at the window. A click brings the window and that build. */
  tellOfBuild(news: { readonly title: string; readonly body: string; readonly build: string }): Promise<void>;
  /** How far a build is, from 0 to 1, at the application's icon; below 0 takes it away. */
  showProgress(share: number): Promise<void>;
  /** Opens an https address in the person's browser; anything else is refused. */
  openExternal(url: string): Promise<void>;
  /**
   * Calls back for menu commands (for example `build`, `undo`, `open-folder`, `screen-2`), with `show-build:ID`, and with
   * `open-folder:/path` when the application was started with a folder. Commands wait for the first listener.
   */
  onCommand(listener: (command: string) => void): () => void;
}

/** The message by which the preload hands the engine's port to the page (with exactly one port). */
export const ENGINE_PORT_MESSAGE = 'varve:engine-port';
