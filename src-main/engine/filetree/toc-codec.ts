import { isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import { z } from 'zod';
import { digestSchema, type Digest } from '../../contract/oci-types.ts';
import { EngineError } from '../../contract/errors.ts';
import { decodeName, encodeName } from '../tar/entry-name.ts';
import type { TarEntryType } from '../tar/tar-entry.ts';
import type { Toc, TocEntry } from './toc.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** A layer's table of contents without where its blocks are: those belong to the blob and not to the diff ID. */
export type PlainToc = Omit<Toc, 'blocks'>;

const TYPES: readonly TarEntryType[] = ['file', 'directory', 'symlink', 'hardlink', 'char', 'block', 'fifo'];
const NUMBERS = [
  'mode',
  'uid',
  'gid',
  'sizeBytes',
  'mtime',
  'devMajor',
  'devMinor',
  'contentOffset',
] as const;
type NumberField = (typeof NUMBERS)[number];

const FORMAT = 1;
const DIGEST_BYTES = 32;
const MAX_RECORD_BYTES = 1024 * 1024 * 1024;
const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();

/** The first part of a record: what is in the columns that follow, and all that is rare. */
const headerSchema = z.object({
  format: z.literal(FORMAT),
  diffId: digestSchema,
  contentDigest: digestSchema,
  unpackedBytes: z.number(),
  count: z.number().int().nonnegative(),
  /** Byte length of each column. */
  columns: z.array(z.number().int().nonnegative()),
  xattrs: z.array(z.tuple([z.number(), z.array(z.tuple([z.string(), z.string()]))])),
});
type Header = z.output<typeof headerSchema>;

/**
 * Writes a table of contents as columns (paths, types, numbers, digests), zstd over all: small, and read back with
 * hardly more work than making the entries.
 */
export async function encodeToc(toc: PlainToc): Promise<Uint8Array> {
  const columns = encodeColumns(toc.entries);
  const header: Header = {
    format: FORMAT,
    diffId: toc.diffId,
    contentDigest: toc.contentDigest,
    unpackedBytes: toc.unpackedBytes,
    count: toc.entries.length,
    columns: columns.map((column) => column.length),
    xattrs: encodeXattrs(toc.entries),
  };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return compress(Buffer.concat([length, text, ...columns]), {
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
  });
}

function encodeColumns(entries: readonly TocEntry[]): readonly Uint8Array[] {
  return [
    encodeName(entries.map(({ path }) => path).join('\0')),
    encodeName(entries.map(({ link }) => link).join('\0')),
    Uint8Array.from(entries, ({ type }) => TYPES.indexOf(type)),
    ...NUMBERS.map((field) => encodeNumbers(entries.map((entry) => entry[field]))),
    encodeDigests(entries),
  ];
}

/** Four bytes a number where all fit, else eight. */
function encodeNumbers(numbers: readonly number[]): Uint8Array {
  const isShort = numbers.every((number) => number >>> 0 === number);
  return new Uint8Array((isShort ? Uint32Array : Float64Array).from(numbers).buffer);
}

/** The content digests of all files, which are sha256 always, without their names. */
function encodeDigests(entries: readonly TocEntry[]): Uint8Array {
  const hex = entries.map(({ contentDigest }) => contentDigest?.slice('sha256:'.length) ?? '').join('');
  return Buffer.from(hex, 'hex');
}

function encodeXattrs(entries: readonly TocEntry[]): Header['xattrs'] {
  return entries.flatMap(({ xattrs }, index) =>
    xattrs.size === 0
      ? []
      : [[index, [...xattrs].map(([name, value]) => [name, Buffer.from(value).toString('base64')])]],
  ) as Header['xattrs'];
}

/** Reads what `encodeToc` wrote; CORRUPT for anything else. */
export async function decodeToc(bytes: Uint8Array): Promise<PlainToc> {
  try {
    return decodePlain(await decompress(bytes, { maxOutputLength: MAX_RECORD_BYTES }));
  } catch (cause) {
    throw new EngineError('CORRUPT', 'a table of contents is damaged', { cause });
  }
}

function decodePlain(bytes: Buffer): PlainToc {
  const end = 4 + bytes.readUInt32LE(0);
  const header = headerSchema.parse(JSON.parse(bytes.toString('utf8', 4, end)));
  const columns = splitColumns(bytes, end, header.columns);
  const { diffId, contentDigest, unpackedBytes } = header;
  return { diffId, contentDigest, unpackedBytes, entries: decodeEntries(header, columns) };
}

function splitColumns(bytes: Buffer, start: number, lengths: readonly number[]): readonly Buffer[] {
  let at = start;
  return lengths.map((length) => {
    const column = bytes.subarray(at, at + length);
    if (column.length !== length) throw new RangeError('a column is cut off');
    at += length;
    return column;
  });
}

function decodeEntries(header: Header, columns: readonly Buffer[]): readonly TocEntry[] {
  const { count } = header;
  const column = (at: number): Buffer => columns[at] ?? Buffer.alloc(0);
  const paths = decodeNames(column(0), count);
  const links = decodeNames(column(1), count);
  const types = column(2);
  const numbers = NUMBERS.map((_, i) => decodeNumbers(column(3 + i), count));
  const number = (field: NumberField): ArrayLike<number> => numbers[NUMBERS.indexOf(field)] ?? [];
  const [mode, uid, gid, sizeBytes] = [number('mode'), number('uid'), number('gid'), number('sizeBytes')];
  const [mtime, devMajor, devMinor] = [number('mtime'), number('devMajor'), number('devMinor')];
  const contentOffset = number('contentOffset');
  const nextDigest = readDigests(column(3 + NUMBERS.length));
  const xattrs = new Map(header.xattrs.map(([index, list]) => [index, decodeXattrs(list)]));
  return Array.from({ length: count }, (_, i) => {
    const type = TYPES[types[i]!]!;
    return {
      path: paths[i]!,
      type,
      mode: mode[i]!,
      uid: uid[i]!,
      gid: gid[i]!,
      sizeBytes: sizeBytes[i]!,
      mtime: mtime[i]!,
      link: links[i]!,
      devMajor: devMajor[i]!,
      devMinor: devMinor[i]!,
      xattrs: xattrs.get(i) ?? NO_XATTRS,
      contentOffset: contentOffset[i]!,
      contentDigest: type === 'file' ? nextDigest() : undefined,
    };
  });
}

function decodeNames(column: Buffer, count: number): readonly string[] {
  const names = count === 0 ? [] : splitNames(column);
  if (names.length !== count) throw new RangeError('names are missing');
  return names;
}

function splitNames(column: Buffer): readonly string[] {
  if (isUtf8(column)) return column.toString('utf8').split('\0');
  const names = column.toString('latin1').split('\0');
  return names.map((name) => decodeName(Buffer.from(name, 'latin1')));
}

function decodeNumbers(column: Buffer, count: number): ArrayLike<number> {
  const copy = new Uint8Array(column).buffer;
  const numbers = column.length === 4 * count ? new Uint32Array(copy) : new Float64Array(copy);
  if (numbers.length !== count) throw new RangeError('numbers are missing');
  return numbers;
}

function readDigests(column: Buffer): () => Digest {
  const hex = column.toString('hex');
  let at = 0;
  return () => {
    const digest = hex.slice(at, at + 2 * DIGEST_BYTES);
    if (digest.length !== 2 * DIGEST_BYTES) throw new RangeError('digests are missing');
    at += 2 * DIGEST_BYTES;
    return `sha256:${digest}`;
  };
}

function decodeXattrs(list: readonly (readonly [string, string])[]): ReadonlyMap<string, Uint8Array> {
  return new Map(list.map(([name, value]) => [name, new Uint8Array(Buffer.from(value, 'base64'))]));
}
