import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildRequest } from '../../contract/builds-api.ts';
import { EngineError } from '../../contract/errors.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import {
  findIgnoreFile,
  parseContextSource,
  requireFolder,
  type ContextSource,
} from './context/context-source.ts';
import { readIgnoreSource } from './context/ignore-source.ts';
import { archiveTree } from './context/archive-tree.ts';
import { fetchContext } from './context/fetch-context.ts';
import { folderTree } from './context/folder-tree.ts';
import type { ReadHostFile } from './context/read-host-file.ts';
import { StatCache } from './context/stat-cache.ts';
import { walkFolder } from './context/walk-folder.ts';
import { Unforeseen } from './forecast/unforeseen.ts';
import type { SourceTree } from './source/source-tree.ts';

interface OpenFolder {
  readonly tree: SourceTree;
  readonly entries?: number;
  /** Keeps what was learnt about the files for the next build. */
  readonly save: () => void;
}

/** The folders that a build reads from: its context and those named beside it. Each is walked once, when first needed. */
export class BuildSources {
  private readonly open = new Map<string, Promise<OpenFolder>>();
  private readonly trees = new WeakSet<SourceTree>();
  private readonly fetched = new AsyncDisposableStack();
  private readonly named: ReadonlyMap<string, ContextSource>;
  private readonly request: BuildRequest;
  private readonly dockerfile: string | undefined;
  private readonly store: Store;
  private readonly read: ReadHostFile;
  private readonly fetches: boolean;

  private constructor(
    request: BuildRequest,
    dockerfile: string | undefined,
    store: Store,
    read: ReadHostFile,
    named: ReadonlyMap<string, ContextSource>,
    fetches: boolean,
  ) {
    this.request = request;
    this.dockerfile = dockerfile;
    this.store = store;
    this.read = read;
    this.named = named;
    this.fetches = fetches;
  }

  /** Refuses a named context that is not there before anything is built. Without `fetches` nothing is brought here. */
  static async create(
    request: BuildRequest,
    dockerfile: string | undefined,
    store: Store,
    read: ReadHostFile,
    options: { readonly fetches: boolean } = { fetches: true },
  ): Promise<BuildSources> {
    if (request.contextKind !== 'archive') await requireFolder(request.context, 'the build context');
    const named = new Map<string, ContextSource>();
    for (const [name, text] of Object.entries(request.buildContexts)) {
      const source = parseContextSource(text);
      if (source.kind === 'folder' || source.kind === 'layout')
        await requireFolder(source.path, `the build context ${name}`);
      named.set(normaliseName(name), source);
    }
    return new BuildSources(request, dockerfile, store, read, named, options.fetches);
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
    return (await this.folder('', this.request.context, 'the build context', options)).tree;
  }

  /** A named context that is a folder. */
  async namedFolder(name: string, options: LongOptions): Promise<SourceTree> {
    const source = this.find(name);
    const title = `the build context ${name}`;
    if (source?.kind === 'folder')
      return (await this.folder(normaliseName(name), source.path, title, options)).tree;
    if (source?.kind !== 'git') throw new EngineError('INTERNAL', `${name} is not a folder's build context`);
    const opening = () => this.openFetched(source.text, title, options);
    return (await this.once(normaliseName(name), opening)).tree;
  }

  /** How many entries the build context has; zero when nothing has needed it. */
  async contextEntries(): Promise<number> {
    return (await this.open.get(''))?.entries ?? 0;
  }

  /** Keeps what was learnt about the files for the next build, and removes what was fetched for this one. */
  async close(): Promise<void> {
    await using _fetched = this.fetched;
    for (const folder of this.open.values()) {
      const opened = await folder.catch(() => undefined);
      opened?.save();
    }
  }

  private folder(key: string, path: string, name: string, options: LongOptions): Promise<OpenFolder> {
    return this.once(key, () => {
      const kind = key === '' ? this.request.contextKind : 'folder';
      if (kind === 'archive') return this.openArchive(path, name, options);
      if (kind === 'fetched') return this.openWhole(path, name, options);
      return this.openFolder(path, name, key === '' ? this.dockerfile : undefined, options);
    });
  }

  private once(key: string, open: () => Promise<OpenFolder>): Promise<OpenFolder> {
    const opening = this.open.get(key) ?? this.keep(open());
    this.open.set(key, opening);
    return opening;
  }

  private async keep(opening: Promise<OpenFolder>): Promise<OpenFolder> {
    const opened = await opening;
    this.trees.add(opened.tree);
    return opened;
  }

  private async openArchive(path: string, name: string, options: LongOptions): Promise<OpenFolder> {
    const tree = await archiveTree(path, name, { ...options, cleanUp: this.fetched });
    return { tree, save: () => undefined };
  }

  /** A folder that is not the user's own: no ignore file applies, and there is no next time. */
  private async openWhole(path: string, name: string, options: LongOptions): Promise<OpenFolder> {
    const walk = await walkFolder(path, options);
    return { tree: folderTree(walk, name, this.read, undefined), save: () => undefined };
  }

  private async openFetched(text: string, name: string, options: LongOptions): Promise<OpenFolder> {
    if (!this.fetches) throw new Unforeseen(`${text} is fetched when it is built`);
    const work = await mkdtemp(join(tmpdir(), 'varve-context-'));
    this.fetched.defer(() => rm(work, { recursive: true, force: true }));
    const { context } = await fetchContext(text, work, { ...options, keepGitDir: false });
    return this.openWhole(context, name, options);
  }

  private async openFolder(
    path: string,
    name: string,
    dockerfile: string | undefined,
    options: LongOptions,
  ): Promise<OpenFolder> {
    const ignoreFile = await findIgnoreFile(path, dockerfile);
    const ignore = await readIgnoreSource(ignoreFile, path);
    const ignored = new Set<string>();
    const onIgnored = (entry: string) => void (ignored.size < REMEMBERED && ignored.add(entry));
    const walk = await walkFolder(path, { ...options, ignore: ignore.matcher, onIgnored });
    const cache = new StatCache(this.store, walk);
    const leftOutBy = (entry: string) => {
      const met = selfAndParents(entry.slice(1)).find((one) => ignored.has(one));
      return met === undefined ? undefined : ignore.lineFor(met);
    };
    const tree = { ...folderTree(walk, name, this.read, cache), leftOutBy, revision: () => walk.revision };
    return { tree, entries: walk.entries.count, save: () => cache.save() };
  }
}

/** Entries that an ignore file left out and that are worth telling of; more are only seen as not being there. */
const REMEMBERED = 100_000;

function selfAndParents(path: string): readonly string[] {
  const names = path.split('/');
  return names.map((_, i) => names.slice(0, i + 1).join('/'));
}

/** `busybox`, `busybox:latest` and `docker.io/library/busybox` are one name. */
function normaliseName(name: string): string {
  return name
    .toLowerCase()
    .replace(/^docker\.io\/(?:library\/)?/, '')
    .replace(/:latest$/, '');
}
