import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { randomBytes } from 'node:crypto';
import { mapFsError } from '../store/map-fs-error.ts';
import { readLines } from './read-lines.ts';
import { parseHead } from './record-lines.ts';

/** Writes a record as one file, whole or not at all; an existing file is replaced. Answers its size. */
export async function exportRecord(path: string, destination: string, signal?: AbortSignal): Promise<number> {
  const aside = join(dirname(destination), `.${basename(destination)}.${randomBytes(4).toString('hex')}`);
  try {
    const out = createWriteStream(aside, { flags: 'wx' });
    await pipeline(Readable.from(exportedLines(path)), createGzip(), out, { signal });
    const { size } = await stat(aside);
    await rename(aside, destination);
    return size;
  } catch (error) {
    throw mapFsError(error, 'write the build’s file');
  } finally {
    await rm(aside, { force: true });
  }
}

async function* exportedLines(path: string): AsyncGenerator<string, void, undefined> {
  for await (const { text } of readLines(path)) {
    const head = parseHead(text);
    if (typeof head !== 'object') {
      yield `${text}\n`;
      continue;
    }
    const { process: _here, importedAt: _then, ...exported } = head;
    yield `${JSON.stringify(exported)}\n`;
  }
}
