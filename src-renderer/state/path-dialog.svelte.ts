import type { HostApi } from '../../src-main/rpc/connect-browser.ts';
import { toFailure, type Failure } from './failure.ts';

export interface PathQuestion {
  readonly title: string;
  readonly kind: 'folder' | 'file' | 'new-file';
  readonly suggestedName: string;
}

export interface FolderListing {
  readonly path: string;
  readonly parent: string | undefined;
  readonly entries: readonly {
    readonly name: string;
    readonly path: string;
    readonly kind: 'folder' | 'file';
  }[];
}

/** Stands in for the native file dialogs where the page is a browser's: one question at a time. */
export class PathDialog {
  question = $state.raw<PathQuestion>();
  listing = $state.raw<FolderListing>();
  chosen = $state<string>();
  name = $state('');
  failure = $state.raw<Failure>();
  #host: HostApi | undefined;
  #answer: ((path: string | undefined) => void) | undefined;
  #lastFolder: string | undefined;

  attach(host: HostApi): void {
    this.#host = host;
  }

  /** Answers the path, or undefined when the person closed the dialog. */
  ask(question: PathQuestion): Promise<string | undefined> {
    this.cancel();
    this.question = question;
    this.name = question.suggestedName;
    void this.enter(this.#lastFolder);
    return new Promise((resolve) => (this.#answer = resolve));
  }

  async enter(path: string | undefined): Promise<void> {
    this.failure = undefined;
    this.chosen = undefined;
    try {
      const files = this.question?.kind !== 'folder';
      const listing = await this.#host?.listFolder({ files, ...(path === undefined ? {} : { path }) });
      if (listing === undefined) return;
      this.listing = { path: listing.path, parent: listing.parent, entries: listing.entries };
      this.#lastFolder = listing.path;
    } catch (error) {
      this.failure = toFailure(error);
    }
  }

  /** What Choose would answer now. */
  get result(): string | undefined {
    const folder = this.listing?.path;
    if (folder === undefined || this.question === undefined) return undefined;
    if (this.question.kind === 'folder') return this.chosen ?? folder;
    if (this.question.kind === 'file') return this.chosen;
    return this.name.trim() === '' ? undefined : `${folder.replace(/[/\\]$/, '')}/${this.name.trim()}`;
  }

  choose(): void {
    if (this.result !== undefined) this.#end(this.result);
  }

  cancel(): void {
    this.#end(undefined);
  }

  #end(path: string | undefined): void {
    const answer = this.#answer;
    this.#answer = undefined;
    this.question = undefined;
    answer?.(path);
  }
}
