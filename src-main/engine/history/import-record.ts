import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { EngineError, isEngineError } from '../../contract/errors.ts';
import { errorCode, mapFsError } from '../store/map-fs-error.ts';
import { LineSplitter } from './line-splitter.ts';
import { MOST_LINE_BYTES } from './read-lines.ts';
import { lineSchema, parseHead, type RecordHead } from './record-lines.ts';

/** What a record may hold, unpacked: more than Varve ever writes. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Reads an exported record and writes it, checked line by line, to the path that `place` answers for its id; undefined
 * says that the record is there already. Nothing is left behind when the file is not one.
 */
export async function importRecord(
  source: string,
  options: {
    readonly aside: string;
    readonly importedAt: string;
    readonly place: (id: string) => Promise<string | undefined>;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<string> {
  const { aside, importedAt, place, signal } = options;
  try {
    await mkdir(dirname(aside), { recursive: true });
    const head = await copyChecked(source, aside, importedAt, signal);
    const path = await place(head.id);
    if (path !== undefined) await rename(aside, path);
    return head.id;
  } catch (error) {
    throw explain(error, basename(source));
  } finally {
    await rm(aside, { force: true });
  }
}

async function copyChecked(
  source: string,
  aside: string,
  importedAt: string,
  signal: AbortSignal | undefined,
): Promise<RecordHead> {
  await using file = await open(aside, 'wx', 0o600);
  let head: RecordHead | undefined;
  let number = 0;
  await pipeline(
    createReadStream(source),
    createGunzip(),
    async (bytes: AsyncIterable<Buffer>) => {
      for await (const text of linesOf(bytes)) {
        number += 1;
        head ??= requireHead(text);
        const checked =
          number === 1 ? { ...head, process: undefined, importedAt } : checkedLine(text, number);
        await file.appendFile(`${JSON.stringify(checked)}\n`);
      }
    },
    { signal },
  );
  if (head === undefined) throw notOne('it is empty');
  return head;
}

/** Lines of a stream whose sizes are bounded; a last line without its end is damage. */
async function* linesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
  const splitter = new LineSplitter();
  let total = 0;
  for await (const chunk of bytes) {
    total += chunk.length;
    for (const { text } of splitter.push(chunk)) yield text;
    if (total <= MOST_BYTES && splitter.waitingBytes <= MOST_LINE_BYTES) continue;
    throw new EngineError('LIMIT_EXCEEDED', 'it is larger than any build’s record');
  }
  if (splitter.waitingBytes > 0) throw notOne('its end is missing');
}

function requireHead(text: string): RecordHead {
  const head = parseHead(text);
  if (head === 'newer') throw new EngineError('UNSUPPORTED', 'it was written by a newer Varve');
  if (head === undefined) throw notOne('it does not begin like one');
  return head;
}

function checkedLine(text: string, number: number): unknown {
  try {
    return lineSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new EngineError('INVALID_INPUT', `line ${number} is damaged`, { cause });
  }
}

function notOne(why: string): EngineError {
  return new EngineError('INVALID_INPUT', why);
}

/** One message for whatever is wrong with the file. */
function explain(error: unknown, name: string): EngineError {
  if (isEngineError(error, 'UNSUPPORTED')) {
    return new EngineError('UNSUPPORTED', `cannot open ${name}: ${error.message}`, {
      hint: 'Update Varve to open it.',
    });
  }
  const hint = 'Files that "varve builds export" or the Builds screen has written can be opened.';
  const isCompression = /^Z_|^ERR_ZLIB/.test(errorCode(error));
  if (isCompression || isEngineError(error)) {
    const code = isEngineError(error) ? error.code : 'INVALID_INPUT';
    const why = isEngineError(error) ? error.message : 'it is not compressed as one';
    return new EngineError(code, `${name} is no exported build: ${why}`, { hint, cause: error });
  }
  return mapFsError(error, `open ${name}`);
}
