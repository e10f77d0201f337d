import type { BuildRequest } from '../../contract/builds-api.ts';
import { EngineError } from '../../contract/errors.ts';
import type { Digest } from '../../contract/oci-types.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import { makeWorkFolder } from '../store/work-folder.ts';
import { archiveTree } from './context/archive-tree.ts';
import { ContextFolder } from './context/context-folder.ts';
import { parseContextSource, requireFolder, type ContextSource } from './context/context-source.ts';
import { fetchContext } from './context/fetch-context.ts';
import { folderTree } from './context/folder-tree.ts';
import type { LookAhead } from './context/look-ahead.ts';
import type { ReadHostFile } from './context/read-host-file.ts';
import { walkFolder } from './context/walk-folder.ts';
import { Unforeseen } from './forecast/unforeseen.ts';
import type { SourceTree } from './source/source-tree.ts';

/** A folder that a build reads from; the user's own are walked only when something of them is asked for. */
type OpenFolder = ContextFolder | SourceTree;

export interface BuildSourcesParts {
  readonly request: BuildRequest;
  readonly dockerfile: string | undefined;
  readonly store: Store;
  readonly read: ReadHostFile;
  /** What the build context's entries are, as far as somebody has looked already. */
  readonly lookAhead: LookAhead | undefined;
  /** False for a forecast: nothing is fetched, and nothing of the folders kept for the next time. */
  readonly isBuilt: boolean;
}

/** The folders that a build reads from: its context and those named beside it. Each is walked once, when first needed. */
export class BuildSources {
  private readonly open = new Map<string, Promise<OpenFolder>>();
  private readonly trees = new WeakSet<SourceTree>();
  private readonly fetched = new AsyncDisposableStack();
  private readonly parts: BuildSourcesParts;
  private readonly named: ReadonlyMap<string, ContextSource>;

  private constructor(parts: BuildSourcesParts, named: ReadonlyMap<string, ContextSource>) {
    this.parts = parts;
    this.named = named;
  }

  /** Refuses a named context that is not there before anything is built. */
  static async create(parts: BuildSourcesParts): Promise<BuildSources> {
    const { request } = parts;
    if (request.contextKind !== 'archive') await requireFolder(request.context, 'the build context');
    const named = new Map<string, ContextSource>();
    for (const [name, text] of Object.entries(request.buildContexts)) {
      const source = parseContextSource(text);
      if (source.kind === 'folder' || source.kind === 'layout')
        await requireFolder(source.path, `the build context ${name}`);
      named.set(normaliseName(name), source);
    }
    return new BuildSources(parts, named);
  }

  /** The context of that name that the caller gave, if any: it comes before stages and images of the name. */
  find(name: string): ContextSource | undefined {
    return this.named.get(normaliseName(name));
  }

  /** Whether a tree is the build context or one named beside it. */
  holds(tree: SourceTree): boolean {
    return this.trees.has(tree);
  }

  /** The build context. */
  async context(options: LongOptions): Promise<SourceTree> {
    return this.treeOf(await this.openContext(options), options);
  }

  /** A named context that is a folder. */
  async namedFolder(name: string, options: LongOptions): Promise<SourceTree> {
    return this.treeOf(await this.openNamed(name, options), options);
  }

  /**
   * Stands for all that the build context, or a named one, holds, content included; undefined where that is not known
   * without reading it. A folder that is known to be as it was is not walked for that.
   */
  async revision(name: string | undefined, options: LongOptions): Promise<Digest | undefined> {
    const opened = await (name === undefined ? this.openContext(options) : this.openNamed(name, options));
    return opened instanceof ContextFolder ? opened.revision(options) : undefined;
  }

  /** How many entries the build context has; zero when nothing has needed it. */
  async contextEntries(): Promise<number> {
    const opened = await this.open.get('');
    return opened instanceof ContextFolder ? opened.entries() : 0;
  }

  /** After a build that went well: lets the next one know its large folders again. */
  async remember(): Promise<void> {
    for (const folder of await this.contextFolders()) await folder.remember();
  }

  /** Keeps what was learnt about the files for the next build, and removes what was fetched for this one. */
  async close(): Promise<void> {
    await using _fetched = this.fetched;
    for (const folder of await this.contextFolders()) await folder.close();
  }

  private async contextFolders(): Promise<readonly ContextFolder[]> {
    const opened = await Promise.allSettled(this.open.values());
    const folders = opened.map((one) => (one.status === 'fulfilled' ? one.value : undefined));
    return folders.filter((folder) => folder instanceof ContextFolder);
  }

  private openContext(options: LongOptions): Promise<OpenFolder> {
    const { request, store } = this.parts;
    const { context, contextKind } = request;
    const title = 'the build context';
    return this.once('', () => {
      if (contextKind === 'archive')
        return archiveTree(context, title, { ...options, root: store.root, cleanUp: this.fetched });
      if (contextKind === 'fetched') return this.openWhole(context, title, options);
      return this.openFolder(context, title, this.parts.dockerfile);
    });
  }

  private openNamed(name: string, options: LongOptions): Promise<OpenFolder> {
    const source = this.find(name);
    const title = `the build context ${name}`;
    return this.once(normaliseName(name), () => {
      if (source?.kind === 'folder') return this.openFolder(source.path, title, undefined);
      if (source?.kind === 'git') return this.openFetched(source.text, title, options);
      throw new EngineError('INTERNAL', `${name} is not a folder's build context`);
    });
  }

  private once(key: string, open: () => Promise<OpenFolder>): Promise<OpenFolder> {
    const opening = this.open.get(key) ?? open();
    this.open.set(key, opening);
    return opening;
  }

  private async treeOf(opened: OpenFolder, options: LongOptions): Promise<SourceTree> {
    const tree = opened instanceof ContextFolder ? await opened.tree(options) : opened;
    this.trees.add(tree);
    return tree;
  }

  /** A folder that is not the user's own: no ignore file applies, and there is no next time. */
  private async openWhole(path: string, name: string, options: LongOptions): Promise<SourceTree> {
    return folderTree(await walkFolder(path, options), name, this.parts.read, undefined);
  }

  private async openFetched(text: string, name: string, options: LongOptions): Promise<SourceTree> {
    if (!this.parts.isBuilt) throw new Unforeseen(`${text} is fetched when it is built`);
    const work = this.fetched.use(await makeWorkFolder(this.parts.store.root));
    const { context } = await fetchContext(text, work.path, { ...options, keepGitDir: false });
    return this.openWhole(context, name, options);
  }

  private openFolder(path: string, name: string, dockerfile: string | undefined): Promise<ContextFolder> {
    const { store, read, lookAhead, isBuilt } = this.parts;
    return ContextFolder.open({ path, name, dockerfile, store, read, lookAhead, isRemembered: isBuilt });
  }
}

/** `busybox`, `busybox:latest` and `docker.io/library/busybox` are one name. */
function normaliseName(name: string): string {
  return name
    .toLowerCase()
    .replace(/^docker\.io\/(?:library\/)?/, '')
    .replace(/:latest$/, '');
}
