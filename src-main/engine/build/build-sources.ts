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
import { folderTree } from './context/folder-tree.ts';
import type { ReadHostFile } from './context/read-host-file.ts';
import { StatCache } from './context/stat-cache.ts';
import { walkFolder, type WalkedFolder } from './context/walk-folder.ts';
import type { SourceTree } from './source/source-tree.ts';

interface OpenFolder {
  readonly tree: SourceTree;
  readonly walk: WalkedFolder;
  readonly cache: StatCache;
}

/** The folders that a build reads from: its context and those named beside it. Each is walked once, when first needed. */
export class BuildSources {
  private readonly open = new Map<string, Promise<OpenFolder>>();
  private readonly named: ReadonlyMap<string, ContextSource>;
  private readonly request: BuildRequest;
  private readonly dockerfile: string | undefined;
  private readonly store: Store;
  private readonly read: ReadHostFile;

  private constructor(
    request: BuildRequest,
    dockerfile: string | undefined,
    store: Store,
    read: ReadHostFile,
    named: ReadonlyMap<string, ContextSource>,
  ) {
    this.request = request;
    this.dockerfile = dockerfile;
    this.store = store;
    this.read = read;
    this.named = named;
  }

  /** Refuses a named context that is not there before anything is built. */
  static async create(
    request: BuildRequest,
    dockerfile: string | undefined,
    store: Store,
    read: ReadHostFile,
  ): Promise<BuildSources> {
    await requireFolder(request.context, 'the build context');
    const named = new Map<string, ContextSource>();
    for (const [name, text] of Object.entries(request.buildContexts)) {
      const source = parseContextSource(text);
      if (source.kind !== 'image') await requireFolder(source.path, `the build context ${name}`);
      named.set(normaliseName(name), source);
    }
    return new BuildSources(request, dockerfile, store, read, named);
  }

  /** The context of that name that the caller gave, if any: it comes before stages and images of the name. */
  find(name: string): ContextSource | undefined {
    return this.named.get(normaliseName(name));
  }

  /** The build context. */
  async context(options: LongOptions): Promise<SourceTree> {
    return (await this.folder('', this.request.context, 'the build context', options)).tree;
  }

  /** A named context that is a folder. */
  async namedFolder(name: string, options: LongOptions): Promise<SourceTree> {
    const source = this.find(name);
    if (source?.kind !== 'folder')
      throw new EngineError('INTERNAL', `${name} is not a folder's build context`);
    return (await this.folder(normaliseName(name), source.path, `the build context ${name}`, options)).tree;
  }

  /** Keeps what was learnt about the files for the next build. */
  async saveStatCaches(): Promise<void> {
    for (const folder of this.open.values()) {
      const opened = await folder.catch(() => undefined);
      opened?.cache.save(opened.walk);
    }
  }

  private folder(key: string, path: string, name: string, options: LongOptions): Promise<OpenFolder> {
    const known = this.open.get(key);
    if (known !== undefined) return known;
    const opening = this.openFolder(path, name, key === '' ? this.dockerfile : undefined, options);
    this.open.set(key, opening);
    return opening;
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
    const cache = new StatCache(this.store, path);
    const leftOutBy = (entry: string) => {
      const met = selfAndParents(entry.slice(1)).find((one) => ignored.has(one));
      return met === undefined ? undefined : ignore.lineFor(met);
    };
    return { walk, cache, tree: { ...folderTree(walk, name, this.read, cache), leftOutBy } };
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
