import type { Digest } from '../../../contract/oci-types.ts';
import { digestOf, isDigest } from '../../oci/digest.ts';
import type { Store } from '../../store/store.ts';
import type { WalkedFolder, WalkedNode } from './walk-folder.ts';

const KIND = 'stat-cache';
const VERSION = '1';

/** A file that changed this recently could change again without its metadata telling (R12). */
const RACY_NS = 100_000_000n;
/** The same on file systems that keep whole seconds (two of them, on FAT). */
const RACY_COARSE_NS = 2_000_000_000n;

/**
 * Digests of a folder's files by their metadata, kept between builds so that an unchanged file is not read again.
 * A wrong record cannot come from here: only entries whose last change is clearly older than the walk are kept.
 */
export class StatCache {
  private readonly store: Store;
  private readonly key: string;
  private readonly known = new Map<string, { readonly stamp: string; readonly digest: Digest }>();
  private changed = false;

  constructor(store: Store, folder: string) {
    this.store = store;
    this.key = digestOf(folder);
    this.load();
  }

  get(node: WalkedNode): Digest | undefined {
    const entry = this.known.get(node.path);
    return entry?.stamp === node.stamp ? entry.digest : undefined;
  }

  put(node: WalkedNode, digest: Digest, walk: WalkedFolder): void {
    if (isRacy(node, walk.startedNs)) return;
    this.known.set(node.path, { stamp: node.stamp, digest });
    this.changed = true;
  }

  /** Writes what was learnt, without the files that are gone. */
  save(walk: WalkedFolder): void {
    if (!this.changed) return;
    const lines = [VERSION];
    for (const [path, { stamp, digest }] of this.known) {
      if (walk.nodes.has(path)) lines.push(`${digest} ${stamp} ${path}`);
    }
    this.store.records.put(KIND, this.key, Buffer.from(lines.join('\0')));
    this.changed = false;
  }

  private load(): void {
    const record = this.store.records.get(KIND, this.key);
    if (record === undefined) return;
    const [version, ...lines] = Buffer.from(record).toString().split('\0');
    if (version !== VERSION) return;
    for (const line of lines) this.loadLine(line);
  }

  private loadLine(line: string): void {
    const first = line.indexOf(' ');
    const second = line.indexOf(' ', first + 1);
    const digest = line.slice(0, first);
    if (second < 0 || !isDigest(digest)) return;
    this.known.set(line.slice(second + 1), { stamp: line.slice(first + 1, second), digest });
  }
}

function isRacy(node: WalkedNode, startedNs: bigint): boolean {
  const margin = node.changedNs % 1_000_000_000n === 0n ? RACY_COARSE_NS : RACY_NS;
  return node.changedNs + margin >= startedNs;
}
