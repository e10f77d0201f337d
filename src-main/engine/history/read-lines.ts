import { open } from 'node:fs/promises';
import { LineSplitter } from './line-splitter.ts';

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;
/** No line that Varve writes is longer: a Dockerfile has at most 4 MiB. */
export const MOST_LINE_BYTES = 32 * 1024 * 1024;

export interface LineAt {
  readonly text: string;
  /** Where the next line begins, in bytes. */
  readonly next: number;
}

/** The complete lines of a file from a place on; one that is still being written is left for the next time. */
export async function* readLines(path: string, from = 0): AsyncGenerator<LineAt, void, undefined> {
  await using file = await open(path, 'r');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const splitter = new LineSplitter();
  let next = from;
  for (let at = from; splitter.waitingBytes <= MOST_LINE_BYTES;) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    for (const { text, length } of splitter.push(chunk.subarray(0, bytesRead))) {
      next += length;
      yield { text, next };
    }
  }
}

/** The last complete line within the file's last bytes, or undefined when there is none. */
export async function readLastLine(path: string, sizeBytes: number): Promise<string | undefined> {
  await using file = await open(path, 'r');
  const length = Math.min(sizeBytes, CHUNK_BYTES);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, sizeBytes - length);
  const bytes = buffer.subarray(0, bytesRead);
  if (bytes.at(-1) !== NEWLINE) return undefined;
  const start = bytes.lastIndexOf(NEWLINE, bytes.length - 2);
  return start < 0 && length < sizeBytes ? undefined : bytes.toString('utf8', start + 1, bytes.length - 1);
}
