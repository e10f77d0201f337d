import { BrowserWindow, nativeTheme } from 'electron';
import { readWindowState, rememberWindowState } from './window-state.ts';

/** The page's own background in its two schemes, so that nothing flashes before it is drawn. */
const BACKGROUND = { light: '#f5f5f4', dark: '#171513' } as const;

export interface PageWindowOptions {
  readonly url: string;
  readonly preload: string;
  readonly icon: string;
  readonly stateFile: string;
}

/** Opens the window on the page, shown once it is drawn. */
export function openPageWindow({ url, preload, icon, stateFile }: PageWindowOptions): BrowserWindow {
  const { maximized = false, ...bounds } = readWindowState(stateFile) ?? { width: 1280, height: 820 };
  const window = new BrowserWindow({
    ...bounds,
    minWidth: 640,
    minHeight: 480,
    show: false,
    title: 'Varve',
    icon,
    backgroundColor: background(),
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  });
  rememberWindowState(window, stateFile);
  followTheme(window);
  window.once('ready-to-show', () => {
    if (maximized) window.maximize();
    window.show();
  });
  void window.loadURL(url);
  return window;
}

function background(): string {
  return nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light;
}

function followTheme(window: BrowserWindow): void {
  const update = (): void => window.setBackgroundColor(background());
  nativeTheme.on('updated', update);
  window.once('closed', () => nativeTheme.off('updated', update));
}
