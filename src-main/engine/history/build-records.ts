import { randomBytes } from 'node:crypto';
import { rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type {
  BuildComparison,
  BuildRecord,
  BuildStatus,
  BuildSummary,
} from '../../contract/build-records-api.ts';
import type { BuildRequest } from '../../contract/builds-api.ts';
import { cancelled, EngineError } from '../../contract/errors.ts';
import type { Log } from '../log.ts';
import { hostPlatform } from '../oci/platform.ts';
import { errorCode, mapFsError, mappingFsErrors } from '../store/map-fs-error.ts';
import { ownProcessIdentity } from '../store/process-identity.ts';
import {
  DEFAULT_BOUNDS,
  MARKER,
  planBounds,
  recordBytes,
  removeDoomed,
  SEARCH,
  type RecordBounds,
} from './bound-records.ts';
import { compareRecords } from './compare-records.ts';
import { exportRecord } from './export-record.ts';
import { importRecord } from './import-record.ts';
import { readLog, type LogPart } from './read-log.ts';
import { RecordFolder } from './record-folder.ts';
import { createRecordId } from './record-id.ts';
import { createHead } from './record-lines.ts';
import { FileRecorder, type BuildRecorder, type RecordedEnd } from './record-recorder.ts';
import { RecordWatch } from './record-watch.ts';
import { recordableRequest } from './recordable-request.ts';
import { SearchIndex } from './search-index.ts';
import { matchesRecord } from './search-record.ts';

export interface BuildRecordsOptions {
  /** The store's folder; records are in `builds/` of it. */
  readonly root: string;
  readonly version: string;
  readonly log: Log;
  readonly clock?: (() => number) | undefined;
  readonly bounds?: RecordBounds | undefined;
}

export interface RecordQuestion {
  readonly search?: string | undefined;
  readonly status?: readonly BuildStatus[] | undefined;
  readonly limit: number;
  readonly before?: string | undefined;
}

interface Signal {
  readonly signal?: AbortSignal | undefined;
}

/** How often the bounds are looked after, and at what size of one record at once. */
const SWEEP_EVERY_MS = 60 * 60 * 1000;
const LARGE_BYTES = 8 * 1024 * 1024;

/**
 * Records of builds: a file each, in one folder that any number of processes write to at once. They are disposable,
 * like the cache, but not part of it. A record is written as its build goes on, so that nothing but the last tenth of
 * a second is lost with a process; a power cut may take a record's end, never another record's.
 */
export class BuildRecords {
  readonly #options: BuildRecordsOptions;
  readonly #folder: RecordFolder;
  readonly #watch: RecordWatch;
  readonly #index: SearchIndex;
  readonly #own = new Set<string>();
  readonly #now: () => number;

  constructor(options: BuildRecordsOptions) {
    this.#options = options;
    this.#now = options.clock ?? Date.now;
    this.#folder = new RecordFolder(join(options.root, 'builds'), this.#now, (id) => this.#own.has(id));
    this.#watch = new RecordWatch(this.#folder, options.log);
    this.#index = new SearchIndex(join(this.#folder.path, SEARCH, 'index.db'), options.log);
  }

  /** Begins the record of a build that begins now. */
  begin(request: BuildRequest): BuildRecorder {
    const id = createRecordId(this.#now());
    this.#own.add(id);
    const recorder = new FileRecorder({
      path: this.#folder.pathOf(id),
      head: createHead({
        id,
        startedAt: new Date(this.#now()).toISOString(),
        process: ownProcessIdentity(),
        varve: this.#options.version,
        host: hostPlatform(),
        request: recordableRequest(request),
      }),
      now: this.#now,
      onWritten: () => this.#watch.notify(),
      onFailed: (error) =>
        this.#options.log.warn({ err: error, build: id }, 'the build’s record cannot be written'),
    });
    return { id, note: (entry) => recorder.note(entry), end: (end) => this.#end(recorder, end) };
  }

  async #end(recorder: FileRecorder, end: RecordedEnd): Promise<void> {
    await recorder.end(end);
    this.#own.delete(recorder.id);
    this.#watch.notify();
    try {
      await this.#sweepIfDue(recorder.id);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'old build records could not be removed');
    }
  }

  /** Looks after the bounds now and then: reading the whole folder at every build would cost more than it saves. */
  async #sweepIfDue(id: string): Promise<void> {
    const marker = join(this.#folder.path, MARKER);
    const at = await stat(marker).then(({ mtimeMs }) => mtimeMs, zeroIfMissing);
    const isDue = this.#now() - at > SWEEP_EVERY_MS;
    if (!isDue && ((await this.#folder.find(id))?.sizeBytes ?? 0) < LARGE_BYTES) return;
    await writeFile(marker, '');
    const time = new Date(this.#now());
    await utimes(marker, time, time);
    await this.bound({ dryRun: false });
  }

  /** Removes what is beyond the bounds; with `dryRun` only counts. */
  async bound({ dryRun }: { readonly dryRun: boolean }): Promise<{ records: number; bytes: number }> {
    return mappingFsErrors('bound the build records', async () => {
      const doomed = await planBounds(this.#folder, this.#options.bounds ?? DEFAULT_BOUNDS, this.#now());
      if (!dryRun) await removeDoomed(this.#folder, doomed);
      if (!dryRun && doomed.files.length > 0) this.#watch.notify();
      return { records: doomed.files.length, bytes: doomed.bytes };
    });
  }

  async list(
    question: RecordQuestion,
    { signal }: Signal = {},
  ): Promise<{ builds: BuildSummary[]; more: boolean }> {
    const builds: BuildSummary[] = [];
    const ids = await this.#folder.ids();
    if (isSearch(question)) this.#index.keepOnly(ids);
    for (const id of ids) {
      if (signal?.aborted === true) throw cancelled('listing the builds');
      if (question.before !== undefined && id >= question.before) continue;
      const summary = await this.#folder.summary(id);
      if (summary === undefined || !(await this.#isWanted(summary, question))) continue;
      if (builds.length === question.limit) return { builds, more: true };
      builds.push(summary);
    }
    return { builds, more: false };
  }

  async #isWanted(summary: BuildSummary, question: RecordQuestion): Promise<boolean> {
    const { status, search = '' } = question;
    if (status !== undefined && !status.includes(summary.status)) return false;
    if (!isSearch(question)) return true;
    try {
      return await matchesRecord(this.#folder.pathOf(summary.id), summary, search.trim(), this.#index);
    } catch (error) {
      // Removed meanwhile, by whichever process.
      if (errorCode(error) === 'ENOENT') return false;
      throw mapFsError(error, 'search the builds');
    }
  }

  get(id: string): Promise<BuildRecord> {
    return mappingFsErrors('read a build record', () => this.#folder.read(id));
  }

  async log(id: string, from: number): Promise<Omit<LogPart, 'isAtEnd'> & { isComplete: boolean }> {
    return mappingFsErrors('read a build’s log', async () => {
      const file = await this.#folder.require(id);
      // Before the events are read: what is written meanwhile is then asked for once more.
      const isRunning = (await this.#folder.summary(id))?.status === 'running';
      const { events, next, isAtEnd } = await readLog(file.path, from);
      return { events, next, isComplete: isAtEnd && !isRunning };
    });
  }

  async compare(a: string, b: string): Promise<BuildComparison> {
    const [before, after] = await Promise.all([this.get(a), this.get(b)]);
    const [first, second] = await Promise.all([this.#requireSummary(a), this.#requireSummary(b)]);
    return { a: first, b: second, ...compareRecords(before, after) };
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.#refuseRunning(id, 'cannot be removed');
    await mappingFsErrors('remove build records', async () => {
      for (const id of ids) {
        await rm(this.#folder.pathOf(id), { force: true });
        this.#folder.forget(id);
      }
    });
    this.#watch.notify();
  }

  async export(id: string, destination: string, { signal }: Signal = {}): Promise<number> {
    const { path } = await this.#folder.require(id);
    await this.#refuseRunning(id, 'cannot be exported yet');
    return exportRecord(path, resolve(destination), signal);
  }

  async open(source: string, { signal }: Signal = {}): Promise<BuildSummary> {
    const id = await importRecord(source, {
      aside: join(this.#folder.path, `.incoming.${randomBytes(8).toString('hex')}`),
      importedAt: new Date(this.#now()).toISOString(),
      place: async (found) =>
        (await this.#folder.find(found)) === undefined ? this.#folder.pathOf(found) : undefined,
      signal,
    });
    this.#watch.notify();
    return this.#requireSummary(id);
  }

  bytes(): Promise<number> {
    return mappingFsErrors('measure the build records', () => recordBytes(this.#folder));
  }

  /** The records that cannot be read, and why. */
  async verify({ signal }: Signal = {}): Promise<{ id: string; problem: string }[]> {
    const broken: { id: string; problem: string }[] = [];
    for (const id of await this.#folder.ids()) {
      if (signal?.aborted === true) throw cancelled('checking the build records');
      try {
        await this.get(id);
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        if (error.code !== 'NOT_FOUND') broken.push({ id, problem: error.message });
      }
    }
    return broken;
  }

  /** Calls `listener` within a second when a build began, went on or ended, or records came or went. */
  onChange(listener: () => void): () => void {
    return this.#watch.on(listener);
  }

  close(): void {
    this.#index.close();
  }

  async #requireSummary(id: string): Promise<BuildSummary> {
    const summary = await this.#folder.summary(id);
    if (summary !== undefined) return summary;
    throw new EngineError('NOT_FOUND', `there is no record of the build ${id}`);
  }

  async #refuseRunning(id: string, what: string): Promise<void> {
    if ((await this.#folder.summary(id))?.status !== 'running') return;
    throw new EngineError('CONFLICT', `the build ${id} still runs and ${what}`, {
      hint: 'Wait until it has ended, or cancel it.',
    });
  }
}

function isSearch({ search = '' }: RecordQuestion): boolean {
  return search.trim() !== '';
}

function zeroIfMissing(error: unknown): number {
  if (errorCode(error) === 'ENOENT') return 0;
  throw error;
}
