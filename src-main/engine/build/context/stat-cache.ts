import type { Digest } from '../../../contract/oci-types.ts';
import { digestHex, digestOf } from '../../oci/digest.ts';
import type { Store } from '../../store/store.ts';
import type { WalkedFolder, WalkedNode } from './walk-folder.ts';
import { STATUS_BYTES } from './walked-entries.ts';

const KIND = 'stat-cache';
const VERSION = 2;
const DIGEST_BYTES = 32;
const NO_DIGEST = Buffer.alloc(DIGEST_BYTES);

/** What the last build of a folder knew, in columns. */
interface KnownFiles {
  readonly indexes: ReadonlyMap<string, number>;
  readonly statuses: Buffer;
  readonly digests: Buffer;
}

/**
 * Digests of a folder's files by their metadata, kept between builds so that an unchanged file is not read again.
 * A wrong record cannot come from here: only entries whose last change is clearly older than the walk are kept.
 */
export class StatCache {
  private readonly store: Store;
  private readonly walk: WalkedFolder;
  private readonly key: string;
  private readonly learned = new Map<number, Digest>();
  private loaded: KnownFiles | undefined;

  constructor(store: Store, walk: WalkedFolder) {
    this.store = store;
    this.walk = walk;
    this.key = digestOf(walk.root);
  }

  get(node: WalkedNode): Digest | undefined {
    const learned = this.learned.get(node.index);
    if (learned !== undefined) return learned;
    const known = this.findKnown(node.index);
    return known === undefined ? undefined : `sha256:${known.toString('hex')}`;
  }

  /** Of a file that changed too recently nothing may be kept (R12). */
  put(node: WalkedNode, digest: Digest): void {
    if (!this.walk.entries.isRacy(node.index, this.walk.startedNs)) this.learned.set(node.index, digest);
  }

  /** Writes what was learnt, without the files that are gone. */
  save(): void {
    if (this.learned.size === 0) return;
    const { entries } = this.walk;
    const digests = Buffer.alloc(entries.count * DIGEST_BYTES);
    for (let i = 0; i < entries.count; i++) this.kept(i)?.copy(digests, i * DIGEST_BYTES);
    const header = Buffer.alloc(8);
    header.writeUInt32LE(VERSION);
    header.writeUInt32LE(entries.count, 4);
    const paths = Buffer.from(entries.paths.join('\0'));
    this.store.records.put(KIND, this.key, Buffer.concat([header, entries.statuses, digests, paths]));
  }

  private kept(index: number): Buffer | undefined {
    const learned = this.learned.get(index);
    return learned === undefined ? this.findKnown(index) : Buffer.from(digestHex(learned), 'hex');
  }

  private findKnown(index: number): Buffer | undefined {
    const { indexes, statuses, digests } = (this.loaded ??= this.load());
    const { entries } = this.walk;
    const path = entries.paths[index]!;
    const at = indexes.get(path);
    if (at === undefined) return undefined;
    const [then, now] = [at * STATUS_BYTES, index * STATUS_BYTES];
    const isSame =
      statuses.compare(entries.statuses, now, now + STATUS_BYTES, then, then + STATUS_BYTES) === 0;
    if (!isSame) return undefined;
    const digest = digests.subarray(at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES);
    return digest.equals(NO_DIGEST) ? undefined : digest;
  }

  /** Nothing is known from a record of another form (R5). */
  private load(): KnownFiles {
    const bytes = Buffer.from(this.store.records.get(KIND, this.key) ?? []);
    if (bytes.length < 8 || bytes.readUInt32LE(0) !== VERSION) return EMPTY;
    const count = bytes.readUInt32LE(4);
    const [digestsAt, pathsAt] = [8 + count * STATUS_BYTES, 8 + count * (STATUS_BYTES + DIGEST_BYTES)];
    const paths = bytes.toString('utf8', pathsAt).split('\0');
    if (paths.length !== count) return EMPTY;
    return {
      indexes: new Map(paths.map((path, index) => [path, index])),
      statuses: bytes.subarray(8, digestsAt),
      digests: bytes.subarray(digestsAt, pathsAt),
    };
  }
}

const EMPTY: KnownFiles = { indexes: new Map(), statuses: NO_DIGEST, digests: NO_DIGEST };
