import type { BlobProgress, Digest, TransferProgress } from '../../contract/oci-types.ts';
import { createPace } from '../pace.ts';

/** One blob of a transfer. */
export interface BlobMeter {
  /** It is there already, where it is to go; `note` says how it came there without a transfer. */
  there(note?: string): void;
  /** Not begun, or waiting for someone else who transfers the same. */
  waiting(note?: string): void;
  /** It goes on from there, which is no transfer of now. */
  from(bytes: number): void;
  moved(bytes: number): void;
  /** The next try follows; `note` says why and when. */
  retrying(note: string): void;
  verifying(): void;
  done(): void;
}

const LATER_MS = 100;

/**
 * How far a pull or push has come, blob by blob: told ten times a second at most, and what is told last is how it is.
 * The rate counts what moves now; what was there already is part of the whole.
 */
export class TransferMeter {
  readonly #what: string;
  readonly #tell: ((progress: TransferProgress) => void) | undefined;
  readonly #blobs = new Map<Digest, BlobProgress>();
  readonly #pace = createPace();
  #note: string | undefined;
  #moved = 0;
  #later: NodeJS.Timeout | undefined;

  constructor(what: string, tell: ((progress: TransferProgress) => void) | undefined) {
    this.#what = what;
    this.#tell = tell;
  }

  /** Bytes that were transferred. */
  get movedBytes(): number {
    return this.#moved;
  }

  expect(blobs: readonly { readonly digest: Digest; readonly size: number }[]): void {
    for (const { digest, size } of blobs) {
      if (!this.#blobs.has(digest))
        this.#blobs.set(digest, { digest, bytes: 0, totalBytes: size, state: 'waiting' });
    }
    this.#changed();
  }

  /** What the whole transfer waits for; undefined when it goes on. */
  say(note: string | undefined): void {
    this.#note = note;
    this.#changed();
  }

  blob(digest: Digest): BlobMeter {
    const set = (change: Partial<BlobProgress>): void => this.#set(digest, change);
    const { totalBytes = 0 } = this.#blobs.get(digest) ?? {};
    return {
      there: (note) => set({ state: 'there', bytes: totalBytes, ...(note === undefined ? {} : { note }) }),
      waiting: (note) => set({ state: 'waiting', ...(note === undefined ? {} : { note }) }),
      from: (bytes) => set({ state: 'transferring', bytes }),
      moved: (bytes) => {
        this.#moved += bytes;
        set({ state: 'transferring', bytes: (this.#blobs.get(digest)?.bytes ?? 0) + bytes });
      },
      retrying: (note) => set({ state: 'retrying', note }),
      verifying: () => set({ state: 'verifying' }),
      done: () => set({ state: 'done', bytes: totalBytes }),
    };
  }

  /** Tells how it ended; nothing more is told. */
  end(): void {
    if (this.#later !== undefined) this.#send();
  }

  #set(digest: Digest, change: Partial<BlobProgress>): void {
    const before = this.#blobs.get(digest);
    if (before === undefined) return;
    const { note: _, ...rest } = before;
    this.#blobs.set(digest, { ...rest, ...change });
    this.#changed();
  }

  #changed(): void {
    if (this.#tell === undefined || this.#later !== undefined) return;
    if (this.#pace.isDue()) this.#send();
    else this.#later = setTimeout(() => this.#send(), LATER_MS);
  }

  #send(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    this.#pace.isDue(true);
    this.#tell?.(this.#progress());
  }

  #progress(): TransferProgress {
    const layers = [...this.#blobs.values()];
    const bytes = layers.reduce((sum, layer) => sum + layer.bytes, 0);
    const totalBytes = layers.reduce((sum, layer) => sum + layer.totalBytes, 0);
    const bytesPerSecond = this.#pace.rate(this.#moved);
    const note = this.#note ?? layers.find(({ state }) => state === 'retrying')?.note;
    return {
      what: this.#what,
      bytes,
      totalBytes,
      bytesPerSecond,
      ...(bytesPerSecond > 0 ? { secondsLeft: Math.ceil((totalBytes - bytes) / bytesPerSecond) } : {}),
      layers,
      ...(note === undefined ? {} : { note }),
    };
  }
}
