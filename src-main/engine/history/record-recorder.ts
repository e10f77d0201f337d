import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { BuildFailure } from '../../contract/build-records-api.ts';
import type { BuildEvent, BuildResult } from '../../contract/builds-api.ts';
import { formatLine, type RecordEntry, type RecordHead } from './record-lines.ts';

/** How a build ended, as its record tells it. */
export type RecordedEnd =
  | { readonly status: 'succeeded'; readonly result: BuildResult }
  | { readonly status: 'failed'; readonly error: BuildFailure }
  | { readonly status: 'cancelled' };

/** Writes one build's record while the build runs. Nothing here fails or delays a build. */
export interface BuildRecorder {
  readonly id: string;
  /** Notes something with the present time. */
  note(entry: RecordEntry): void;
  /** Writes the end; answers when the record is complete. */
  end(end: RecordedEnd): Promise<void>;
}

export interface RecorderOptions {
  readonly path: string;
  readonly head: RecordHead;
  readonly now: () => number;
  /** Told after something was written. */
  readonly onWritten: () => void;
  /** Told once, when the disk refuses; nothing more is written then. */
  readonly onFailed: (error: unknown) => void;
}

/** Lines are gathered for so long: a build that prints a lot shall not wait for a disk at every line. */
const GATHER_MS = 100;
/** What one build may print into its record. Beyond, the log says that the rest is not kept. */
const MOST_OUTPUT_CHARACTERS = 64 * 1024 * 1024;
/** How often a step's progress is worth keeping, and a sign of life is given. */
const PROGRESS_EVERY_MS = 1000;
export const HEARTBEAT_MS = 60_000;

export class FileRecorder implements BuildRecorder {
  readonly id: string;
  readonly #options: RecorderOptions;
  readonly #startedMs: number;
  readonly #file: Promise<FileHandle | undefined>;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #steps = { total: 0, ran: 0, cached: 0 };
  readonly #progress = new Map<string, { readonly what: string; readonly at: number }>();
  #waiting: string[] = [];
  #written: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #outputLeft = MOST_OUTPUT_CHARACTERS;
  #hasFailed = false;

  constructor(options: RecorderOptions) {
    this.id = options.head.id;
    this.#options = options;
    this.#startedMs = Date.parse(options.head.startedAt);
    this.#file = this.#create();
    this.#waiting.push(`${JSON.stringify(options.head)}\n`);
    this.#write();
    this.#heartbeat = setInterval(() => this.#touch(), HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  note(entry: RecordEntry): void {
    const kept = entry.type === 'event' ? this.#sift(entry) : entry;
    if (kept === undefined || this.#hasFailed) return;
    this.#waiting.push(formatLine(this.#elapsed(), kept));
    this.#timer ??= setTimeout(() => this.#write(), GATHER_MS).unref();
  }

  async end(end: RecordedEnd): Promise<void> {
    this.note({ type: 'end', steps: { ...this.#steps }, ...end });
    clearInterval(this.#heartbeat);
    this.#write();
    await this.#written;
    const file = await this.#file;
    await file?.close().catch((error: unknown) => this.#fail(error));
  }

  #elapsed(): number {
    return this.#options.now() - this.#startedMs;
  }

  async #create(): Promise<FileHandle | undefined> {
    const { path } = this.#options;
    try {
      await mkdir(dirname(path), { recursive: true });
      return await open(path, 'ax', 0o600);
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#waiting.join('');
    this.#waiting = [];
    if (text === '') return;
    this.#written = this.#written.then(() => this.#append(text));
  }

  async #append(text: string): Promise<void> {
    const file = await this.#file;
    if (file === undefined || this.#hasFailed) return;
    try {
      await file.appendFile(text);
      this.#options.onWritten();
    } catch (error) {
      this.#fail(error);
    }
  }

  #touch(): void {
    const at = new Date(this.#options.now());
    void this.#file.then((file) => file?.utimes(at, at)).catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.onFailed(error);
  }

  /** Counts, and leaves out what no one would miss. */
  #sift({ event }: Extract<RecordEntry, { type: 'event' }>): RecordEntry | undefined {
    switch (event.type) {
      case 'plan':
        this.#steps.total = event.steps.length;
        break;
      case 'step-end':
        if (event.outcome === 'ran' || event.outcome === 'cached') this.#steps[event.outcome] += 1;
        break;
      case 'step-progress':
        return this.#isWorthKeeping(event) ? { type: 'event', event: withoutBlobs(event) } : undefined;
      case 'step-output':
        return this.#siftOutput(event);
      case 'record':
        return undefined;
      default:
        break;
    }
    return { type: 'event', event };
  }

  #isWorthKeeping({ step, what }: Extract<BuildEvent, { type: 'step-progress' }>): boolean {
    const last = this.#progress.get(step);
    const at = this.#options.now();
    if (last?.what === what && at - last.at < PROGRESS_EVERY_MS) return false;
    this.#progress.set(step, { what, at });
    return true;
  }

  #siftOutput(event: Extract<BuildEvent, { type: 'step-output' }>): RecordEntry | undefined {
    if (this.#outputLeft <= 0) return undefined;
    this.#outputLeft -= event.text.length;
    if (this.#outputLeft > 0) return { type: 'event', event };
    return { type: 'event', event: { ...event, text: '\n[the build record keeps no more than this]\n' } };
  }
}

/** How each blob of a pull fared is for whoever looks on. */
function withoutBlobs({ layers: _, ...event }: Extract<BuildEvent, { type: 'step-progress' }>): BuildEvent {
  return event;
}
