import { EngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';
import type { IgnoredBy, SourceTree } from '../source/source-tree.ts';
import { findIgnoreFile } from './context-source.ts';
import { folderTree } from './folder-tree.ts';
import { readIgnoreSource, type IgnoreSource } from './ignore-source.ts';
import { keepKnownFolder, parseKnownFolder, type KnownFolder } from './known-folder.ts';
import { listStatuses, type StatusListing } from './list-statuses.ts';
import { ListedStatuses } from './listed-statuses.ts';
import type { LookAhead } from './look-ahead.ts';
import type { ReadHostFile } from './read-host-file.ts';
import { StatCache } from './stat-cache.ts';
import { walkFolder, type WalkedFolder } from './walk-folder.ts';

/** How large a folder has to be for a process of its own to look at it, and may be for its answer to be kept. */
const LISTED_ENTRIES = { least: 5000, most: 300_000 };
const MOST_LEFT_OUT = 32;
/** Entries that an ignore file left out and that are worth telling of; more are only seen as not being there. */
const REMEMBERED = 100_000;

export interface ContextFolderParts {
  readonly path: string;
  /** For messages: `the build context`. */
  readonly name: string;
  /** Whose own ignore file comes before the folder's. */
  readonly dockerfile: string | undefined;
  readonly store: Store;
  readonly read: ReadHostFile;
  readonly lookAhead: LookAhead | undefined;
  /** Whether the next build is to know the folder again. */
  readonly isRemembered: boolean;
}

/** A folder of the user's as a build sees it: walked at most once, and not at all where it is known to be as it was. */
export class ContextFolder {
  private readonly parts: ContextFolderParts;
  private readonly ignore: IgnoreSource;
  private readonly ignored = new Set<string>();
  private readonly leftOut: string[] = [];
  /** What the look ahead, when it is one at this folder, may find to be so still. */
  private readonly expected: KnownFolder | undefined;
  private walking: Promise<Walked> | undefined;
  /** What it has found to be so still. */
  private recalled: KnownFolder | undefined;
  private listing: StatusListing | undefined;

  private constructor(parts: ContextFolderParts, ignore: IgnoreSource) {
    this.parts = parts;
    this.ignore = ignore;
    const { lookAhead, path } = parts;
    this.expected = lookAhead?.folder === path ? parseKnownFolder(lookAhead.known, path) : undefined;
  }

  static async open(parts: ContextFolderParts): Promise<ContextFolder> {
    const ignoreFile = await findIgnoreFile(parts.path, parts.dockerfile);
    return new ContextFolder(parts, await readIgnoreSource(ignoreFile, parts.path));
  }

  /**
   * Stands for all that a build can take from the folder, content included; undefined where that is not known without
   * reading it.
   */
  async revision(options: LongOptions): Promise<Digest | undefined> {
    const known = await this.recall();
    if (this.walking !== undefined || known === undefined) return (await this.walk(options)).walk.revision;
    this.recalled = known;
    return known.revision;
  }

  async tree(options: LongOptions): Promise<SourceTree> {
    return (await this.walk(options)).tree;
  }

  /** How many entries a build sees; zero as long as none has looked. */
  async entries(): Promise<number> {
    return (await this.walking)?.walk.entries.count ?? this.recalled?.entries ?? 0;
  }

  /** After a build that went well: lets the next one know at a glance whether the folder is still as it was. */
  async remember(): Promise<void> {
    const walked = await this.walking;
    const bytes = await this.listing?.listed;
    if (walked?.walk.revision === undefined || bytes === undefined) return;
    const { startedNs, entries, revision } = walked.walk;
    const listed = new ListedStatuses(bytes);
    // What has changed between the listing and the walk is not the same in both.
    if (!listed.isAsOf(startedNs)) return;
    await keepKnownFolder(this.parts.store.root, {
      folder: this.parts.path,
      ignore: this.ignore.digest,
      leftOut: this.leftOut,
      entries: entries.count,
      fingerprint: listed.fingerprint,
      revision,
    });
  }

  /** Keeps what was learnt about the files for the next build. */
  async close(): Promise<void> {
    using _listing = this.listing;
    const walked = await this.walking?.catch(() => undefined);
    walked?.cache.save();
  }

  private async recall(): Promise<KnownFolder | undefined> {
    const known = this.expected;
    if (known?.ignore !== this.ignore.digest) return undefined;
    const bytes = await this.parts.lookAhead?.listed;
    if (bytes === undefined) return undefined;
    return new ListedStatuses(bytes).fingerprint === known.fingerprint ? known : undefined;
  }

  private walk(options: LongOptions): Promise<Walked> {
    return (this.walking ??= this.walkOnce(options));
  }

  private async walkOnce(options: LongOptions): Promise<Walked> {
    const { path, name, read, store } = this.parts;
    const walk = await walkFolder(path, {
      ...options,
      ignore: this.ignore.matcher,
      onIgnored: (entry, stats) => {
        if (this.ignored.size < REMEMBERED) this.ignored.add(entry);
        if (stats.isDirectory()) this.leftOut.push(entry);
      },
    });
    if (this.recalled !== undefined && walk.revision !== this.recalled.revision) throw changed(name);
    if (this.isWorthListing(walk)) this.listing = this.startListing(options);
    const cache = new StatCache(store, walk);
    const leftOutBy = (entry: string) => this.leftOutBy(entry);
    return { walk, cache, tree: { ...folderTree(walk, name, read, cache), leftOutBy } };
  }

  private leftOutBy(path: string): IgnoredBy | undefined {
    const met = selfAndParents(path.slice(1)).find((one) => this.ignored.has(one));
    return met === undefined ? undefined : this.ignore.lineFor(met);
  }

  private isWorthListing(walk: WalkedFolder): boolean {
    if (!this.parts.isRemembered || this.recalled !== undefined) return false;
    const { count } = walk.entries;
    const isListed = count >= LISTED_ENTRIES.least && count <= LISTED_ENTRIES.most;
    return isListed && this.leftOut.length <= MOST_LEFT_OUT && walk.revision !== undefined;
  }

  private startListing(options: LongOptions): StatusListing {
    const { lookAhead, path } = this.parts;
    const isAlike = this.expected?.leftOut.join('\0') === this.leftOut.join('\0');
    return isAlike && lookAhead !== undefined ? lookAhead : listStatuses(path, this.leftOut, options);
  }
}

interface Walked {
  readonly walk: WalkedFolder;
  readonly cache: StatCache;
  readonly tree: SourceTree;
}

function selfAndParents(path: string): readonly string[] {
  const names = path.split('/');
  return names.map((_, i) => names.slice(0, i + 1).join('/'));
}

function changed(name: string): EngineError {
  return new EngineError('CONFLICT', `${name} changed while the build read it`, {
    hint: 'Build again when nothing writes to it, or leave out with .dockerignore what is written to.',
  });
}
