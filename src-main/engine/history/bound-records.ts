import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { errorCode, mapFsError } from '../store/map-fs-error.ts';
import { idOfName } from './record-id.ts';
import type { RecordFolder } from './record-folder.ts';

/** What is kept: the newest, as long as all of these hold. */
export interface RecordBounds {
  readonly count: number;
  readonly ageMs: number;
  readonly bytes: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
export const DEFAULT_BOUNDS: RecordBounds = { count: 1000, ageMs: 180 * DAY_MS, bytes: 512 * 1024 * 1024 };

/** A file that was begun beside the records so long ago is of a process that is gone. */
const LEFT_OVER_MS = 60 * 60 * 1000;

/** Its time says when the bounds were last looked after. */
export const MARKER = '.bounded';

/** The folder beside the records in which their search keeps its index. */
export const SEARCH = 'search';

interface FoundFile {
  readonly path: string;
  readonly id: string | undefined;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

export interface Doomed {
  readonly files: readonly FoundFile[];
  readonly bytes: number;
}

/**
 * The files that are beyond the bounds, damaged, or left over; never one of a build that runs. Age is that of the last
 * write, so that an imported record has its own time here.
 */
export async function planBounds(folder: RecordFolder, bounds: RecordBounds, nowMs: number): Promise<Doomed> {
  const all = await filesIn(folder.path);
  const found = all.filter(({ path }) => basename(path) !== MARKER).sort((a, b) => b.mtimeMs - a.mtimeMs);
  const doomed: FoundFile[] = [];
  let [count, bytes] = [0, 0];
  for (const file of found) {
    const summary = file.id === undefined ? undefined : await folder.summary(file.id);
    const ageMs = nowMs - file.mtimeMs;
    const isLost = summary === undefined && (file.id !== undefined || ageMs > LEFT_OVER_MS);
    const isBeyond = count >= bounds.count || bytes + file.sizeBytes > bounds.bytes || ageMs > bounds.ageMs;
    if (isLost || (isBeyond && summary !== undefined && summary.status !== 'running')) doomed.push(file);
    else {
      count += 1;
      bytes += file.sizeBytes;
    }
  }
  return { files: doomed, bytes: doomed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
}

export async function removeDoomed(folder: RecordFolder, { files }: Doomed): Promise<void> {
  for (const { path, id } of files) {
    await rm(path, { force: true });
    if (id !== undefined) folder.forget(id);
  }
}

/** The bytes of all records and of their index. */
export async function recordBytes({ path }: RecordFolder): Promise<number> {
  const files = [...(await filesIn(path)), ...(await filesIn(join(path, SEARCH)))];
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

async function filesIn(folder: string): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    const status = await stat(path).catch(ignoreMissing);
    if (status?.isFile() !== true) continue;
    found.push({ path, id: idOfName(name), sizeBytes: status.size, mtimeMs: status.mtimeMs });
  }
  return found;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(ignoreMissing)) ?? [];
}

function ignoreMissing(error: unknown): undefined {
  if (errorCode(error) !== 'ENOENT') throw mapFsError(error, 'list the build records');
}
