import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildRecord, BuildStatus, BuildSummary } from '../../contract/build-records-api.ts';
import { EngineError } from '../../contract/errors.ts';
import { errorCode, mapFsError } from '../store/map-fs-error.ts';
import { livenessOf, ownProcessIdentity } from '../store/process-identity.ts';
import { FoldedRecord } from './fold-record.ts';
import { readLastLine, readLines } from './read-lines.ts';
import { idOfName, recordName } from './record-id.ts';
import { isOutputLine, parseHead, parseLine, type RecordHead } from './record-lines.ts';
import { HEARTBEAT_MS } from './record-recorder.ts';
import { summarise } from './summarise.ts';

export interface RecordFile {
  readonly id: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

/** Files that are larger are not read whole for what their first and last lines tell. */
const SMALL_BYTES = 32 * 1024;

/** A process that cannot be seen from here (another PID namespace, not Linux) counts while it gives signs of life. */
const SILENT_MS = 3 * HEARTBEAT_MS;

/** The records in one folder, as files. */
export class RecordFolder {
  readonly path: string;
  readonly #now: () => number;
  readonly #isOwn: (id: string) => boolean;
  /** Summaries of records that have ended, and how far the others were read. */
  readonly #ended = new Map<string, { readonly sizeBytes: number; readonly summary: BuildSummary }>();
  readonly #open = new Map<string, Promise<Reading>>();
  /** Builds that were told as running, with the size at which they were last looked at by `RecordWatch`, its owner. */
  readonly running = new Map<string, number>();

  /** `isOwn` tells whether this very process is building it now. */
  constructor(path: string, now: () => number, isOwn: (id: string) => boolean) {
    this.path = path;
    this.#now = now;
    this.#isOwn = isOwn;
  }

  pathOf(id: string): string {
    return join(this.path, recordName(id));
  }

  /** Ids of all records, the newest first. */
  async ids(): Promise<readonly string[]> {
    const names = await readdir(this.path).catch(emptyIfMissing);
    return names
      .map(idOfName)
      .filter((id) => id !== undefined)
      .sort()
      .reverse();
  }

  /** The file of a record, or undefined when there is none. */
  async find(id: string): Promise<RecordFile | undefined> {
    const path = this.pathOf(id);
    try {
      const { size, mtimeMs } = await stat(path);
      return { id, path, sizeBytes: size, mtimeMs };
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw mapFsError(error, 'read a build record');
    }
  }

  /** The file of a record. NOT_FOUND when there is none. */
  async require(id: string): Promise<RecordFile> {
    const file = await this.find(id);
    if (file !== undefined) return file;
    throw new EngineError('NOT_FOUND', `there is no record of the build ${id}`, {
      hint: 'It may have been removed; "varve builds ls" lists those that are there.',
    });
  }

  /** What a list shows; undefined for a record that cannot be read. */
  async summary(id: string): Promise<BuildSummary | undefined> {
    const file = await this.find(id);
    if (file === undefined) return undefined;
    const known = this.#ended.get(id);
    if (known?.sizeBytes === file.sizeBytes) return known.summary;
    const summary = await this.#readSummary(file);
    if (summary?.status === 'running') {
      if (!this.running.has(id)) this.running.set(id, file.sizeBytes);
    } else if (summary !== undefined) {
      this.#open.delete(id);
      this.#ended.set(id, { sizeBytes: file.sizeBytes, summary });
    }
    return summary;
  }

  /** Lets go of what is known of records that are gone. */
  forget(id: string): void {
    this.#ended.delete(id);
    this.#open.delete(id);
  }

  /** Everything but what was printed. NOT_FOUND, CORRUPT, or UNSUPPORTED for one of a later Varve. */
  async read(id: string): Promise<BuildRecord> {
    const file = await this.require(id);
    const folded = await this.#foldOn(file);
    if (folded.end !== undefined) this.#open.delete(id);
    const { head, dockerfile, stages, steps, warnings, contextDigest, end } = folded;
    return {
      ...summarise(folded, file, this.statusOf(folded, file), this.#now()),
      varve: head.varve,
      host: head.host,
      request: head.request,
      ...(dockerfile === undefined ? {} : { dockerfile }),
      ...(contextDigest === undefined ? {} : { contextDigest }),
      stages,
      steps: [...steps],
      warnings,
      ...(end?.result === undefined ? {} : { result: end.result }),
      ...(end?.error === undefined ? {} : { error: end.error }),
    };
  }

  statusOf({ end, head }: Pick<FoldedRecord, 'end' | 'head'>, file: RecordFile): BuildStatus {
    if (end !== undefined) return end.status;
    return this.#isRunning(head, file) ? 'running' : 'interrupted';
  }

  #isRunning({ process: writer, id }: RecordHead, { mtimeMs }: RecordFile): boolean {
    if (writer === undefined) return false;
    if (writer === ownProcessIdentity()) return this.#isOwn(id);
    const liveness = livenessOf(writer);
    return liveness === 'alive' || (liveness === 'unknown' && this.#now() - mtimeMs < SILENT_MS);
  }

  async #readSummary(file: RecordFile): Promise<BuildSummary | undefined> {
    try {
      const folded = (await this.#foldEnds(file)) ?? (await this.#foldOn(file));
      return summarise(folded, file, this.statusOf(folded, file), this.#now());
    } catch (error) {
      if (error instanceof EngineError) return undefined;
      if (errorCode(error) === 'ENOENT') return undefined;
      throw mapFsError(error, 'read a build record');
    }
  }

  /** Reads what has come since the last time, one reader after the other. */
  async #foldOn(file: RecordFile): Promise<FoldedRecord> {
    const before = this.#open.get(file.id) ?? Promise.resolve({ folded: undefined, next: 0 });
    const reading = before.then((known) => readOn(file, known));
    this.#open.set(file.id, reading);
    try {
      return (await reading).folded;
    } catch (error) {
      this.#open.delete(file.id);
      throw error;
    }
  }

  /** A large record that has ended, by its ends alone. */
  async #foldEnds(file: RecordFile): Promise<FoldedRecord | undefined> {
    if (file.sizeBytes < SMALL_BYTES) return undefined;
    const last = await readLastLine(file.path, file.sizeBytes);
    const end = last === undefined ? undefined : parseLine(last);
    if (end?.type !== 'end') return undefined;
    for await (const { text } of readLines(file.path)) {
      const folded = new FoldedRecord(requireHead(text, file.id));
      folded.add(end);
      return folded;
    }
    return undefined;
  }
}

/** A record as far as it has been read. */
interface Reading {
  readonly folded: FoldedRecord;
  readonly next: number;
}

/** Reads what has come since; CORRUPT when there is no head. */
async function readOn(
  file: RecordFile,
  from: { readonly folded: FoldedRecord | undefined; readonly next: number },
): Promise<Reading> {
  let { folded, next } = from;
  for await (const line of readLines(file.path, next)) {
    if (folded === undefined) folded = new FoldedRecord(requireHead(line.text, file.id));
    else if (!isOutputLine(line.text)) addLine(folded, line.text);
    next = line.next;
  }
  if (folded === undefined) throw damaged(file.id);
  return { folded, next };
}

function addLine(folded: FoldedRecord, text: string): void {
  const line = parseLine(text);
  if (line !== undefined) folded.add(line);
}

function requireHead(text: string, id: string): RecordHead {
  const head = parseHead(text);
  if (head === 'newer') {
    throw new EngineError('UNSUPPORTED', `the record of the build ${id} was written by a newer Varve`, {
      hint: 'Update Varve to read it.',
    });
  }
  if (head === undefined || head.id !== id) throw damaged(id);
  return head;
}

function damaged(id: string): EngineError {
  return new EngineError('CORRUPT', `the record of the build ${id} is damaged`, {
    hint: 'Remove it with "varve builds rm"; nothing else needs it.',
  });
}

function emptyIfMissing(error: unknown): readonly string[] {
  if (errorCode(error) === 'ENOENT') return [];
  throw mapFsError(error, 'list the build records');
}
