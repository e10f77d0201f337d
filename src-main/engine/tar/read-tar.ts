import { cancelled, EngineError } from '../../contract/errors.ts';
import { ByteCursor } from './byte-cursor.ts';
import { checkName, cleanEntryName, decodeName } from './entry-name.ts';
import { parsePax, parsePaxInteger, parsePaxTime, paxXattrs, type PaxRecords } from './parse-pax.ts';
import { MAX_ID, parseTarHeader, type TarHeader } from './parse-tar-header.ts';
import type { TarEntry, TarEntryType, TarItem } from './tar-entry.ts';
import { BLOCK_BYTES, paddingLength } from './tar-format.ts';

export interface ReadTarOptions {
  readonly signal?: AbortSignal | undefined;
  /** Names the archive in errors: `layer sha256:…`; "archive" unless given. */
  readonly what?: string | undefined;
  /** The most entries; LIMIT_EXCEEDED beyond. */
  readonly maxEntries?: number | undefined;
  /** The most bytes of PAX and GNU headers before one entry. */
  readonly maxHeaderBytes?: number | undefined;
}

const DEFAULT_MAX_ENTRIES = 10_000_000;
const DEFAULT_MAX_HEADER_BYTES = 1024 * 1024;

const TYPES: ReadonlyMap<string, TarEntryType> = new Map([
  ['0', 'file'],
  ['1', 'hardlink'],
  ['2', 'symlink'],
  ['3', 'char'],
  ['4', 'block'],
  ['5', 'directory'],
  ['6', 'fifo'],
  ['7', 'file'],
]);

const REFUSED_TYPES: ReadonlyMap<string, string> = new Map([
  ['S', 'a sparse file'],
  ['M', 'a continued volume'],
  ['V', 'a volume label'],
  ['D', 'a GNU incremental folder'],
]);

/**
 * The entries of an uncompressed tar in order, with ustar, PAX (global too) and GNU long names merged in. Strict: what
 * is malformed, ambiguous or cut off rejects with CORRUPT, what is absurdly large with LIMIT_EXCEEDED, what has no
 * form as an entry with UNSUPPORTED, each naming the entry. Names come in the form of `TarEntry.path`. An archive that
 * stops between two entries is whole, as for every other tool; after its end marker the source is read to its own
 * end, so that whoever hashes it sees all of it.
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  options: ReadTarOptions = {},
): AsyncGenerator<TarItem, void, undefined> {
  const reader = new TarReader(source, options);
  try {
    for (let item = await reader.next(); item !== undefined; item = await reader.next()) yield item;
  } finally {
    await reader.close();
  }
}

/** What PAX and GNU headers say about the entry that follows them. */
interface Extensions {
  pax: PaxRecords | undefined;
  longName: string | undefined;
  longLink: string | undefined;
  bytes: number;
}

const EMPTY_CONTENT: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
};

class TarReader {
  readonly #cursor: ByteCursor;
  readonly #signal: AbortSignal | undefined;
  readonly #what: string;
  readonly #maxEntries: number;
  readonly #maxHeaderBytes: number;
  #global: PaxRecords = new Map();
  #entries = 0;
  /** Content and padding of the present entry that nobody has read. */
  #unread = 0;
  #padding = 0;
  #path = '';

  constructor(source: AsyncIterable<Uint8Array>, options: ReadTarOptions) {
    this.#cursor = new ByteCursor(source);
    this.#signal = options.signal;
    this.#what = options.what ?? 'archive';
    this.#maxEntries = options.maxEntries ?? DEFAULT_MAX_ENTRIES;
    this.#maxHeaderBytes = options.maxHeaderBytes ?? DEFAULT_MAX_HEADER_BYTES;
  }

  close(): Promise<void> {
    return this.#cursor.close();
  }

  async next(): Promise<TarItem | undefined> {
    await this.#finishEntry();
    const extensions: Extensions = { pax: undefined, longName: undefined, longLink: undefined, bytes: 0 };
    for (;;) {
      this.#checkSignal();
      const where = `the ${this.#what}'s header at byte ${this.#cursor.position}`;
      const block = this.#cursor.take(BLOCK_BYTES) ?? (await this.#cursor.fetchBytes(BLOCK_BYTES));
      if (block.length === 0 || isEmptyBlock(block)) return this.#end(block, extensions);
      if (block.length < BLOCK_BYTES) throw this.#truncated('in a header');
      const header = parseTarHeader(block, where);
      if (!(await this.#readExtension(header, extensions))) return this.#item(header, extensions);
    }
  }

  /** Passes over what was not read of the last entry. */
  async #finishEntry(): Promise<void> {
    const left = this.#unread + this.#padding;
    if (left === 0) return;
    this.#unread = 0;
    this.#padding = 0;
    if (this.#cursor.take(left) !== undefined) return;
    if ((await this.#cursor.skip(left)) < left) throw this.#truncated(`in ${JSON.stringify(this.#path)}`);
  }

  /** Reads a header that only describes the next one; false when `header` is an entry's own. */
  async #readExtension(header: TarHeader, extensions: Extensions): Promise<boolean> {
    if (!'xgLKX'.includes(header.type)) return false;
    extensions.bytes += BLOCK_BYTES + header.size;
    if (extensions.bytes > this.#maxHeaderBytes) {
      throw this.#error(
        'LIMIT_EXCEEDED',
        `has more than ${this.#maxHeaderBytes} bytes of headers for one entry`,
      );
    }
    const bytes = await this.#readHeaderContent(header.size);
    this.#applyExtension(header.type, bytes, extensions);
    return true;
  }

  async #readHeaderContent(size: number): Promise<Uint8Array> {
    const length = size + paddingLength(size);
    const bytes = this.#cursor.take(length) ?? (await this.#cursor.fetchBytes(length));
    if (bytes.length < length) throw this.#truncated('in a header');
    return bytes.subarray(0, size);
  }

  #applyExtension(type: string, bytes: Uint8Array, extensions: Extensions): void {
    const where = `the ${this.#what}`;
    if (type === 'L') extensions.longName = readLongName(bytes, `a long name in ${where}`);
    else if (type === 'K') extensions.longLink = readLongName(bytes, `a long link in ${where}`);
    else if (type === 'g') this.#global = mergeGlobal(this.#global, parsePax(bytes, where), where);
    else extensions.pax = parsePax(bytes, where);
  }

  #item(header: TarHeader, extensions: Extensions): TarItem {
    this.#entries += 1;
    if (this.#entries > this.#maxEntries) {
      throw this.#error('LIMIT_EXCEEDED', `has more than ${this.#maxEntries} entries`);
    }
    const entry = createEntry(header, extensions, this.#global, this.#what);
    this.#path = entry.path;
    this.#unread = entry.sizeBytes;
    this.#padding = paddingLength(entry.sizeBytes);
    const content = entry.sizeBytes === 0 ? EMPTY_CONTENT : this.#content(this.#entries);
    return { entry, contentOffset: this.#cursor.position, content };
  }

  async *#content(turn: number): AsyncGenerator<Uint8Array, void, undefined> {
    if (turn !== this.#entries)
      throw new EngineError('INTERNAL', 'content of an entry was read after its turn');
    while (turn === this.#entries && this.#unread > 0) {
      const bytes = this.#cursor.takeSome(this.#unread);
      if (bytes !== undefined) {
        this.#unread -= bytes.length;
        yield bytes;
        continue;
      }
      this.#checkSignal();
      if (!(await this.#cursor.fetch())) throw this.#truncated(`in ${JSON.stringify(this.#path)}`);
    }
  }

  /** Checks the end marker and reads what follows it, which means nothing. */
  async #end(block: Uint8Array, extensions: Extensions): Promise<undefined> {
    if (
      extensions.bytes > 0 &&
      (extensions.pax ?? extensions.longName ?? extensions.longLink) !== undefined
    ) {
      throw this.#truncated('after a header that describes an entry');
    }
    if (block.length > 0 && block.length < BLOCK_BYTES) throw this.#truncated('in a header');
    const second = block.length === 0 ? block : await this.#cursor.fetchBytes(BLOCK_BYTES);
    if (!isEmptyBlock(second)) throw this.#error('CORRUPT', 'has an empty block between its entries');
    while (await this.#cursor.fetch()) {
      this.#checkSignal();
      this.#cursor.takeSome(Number.MAX_SAFE_INTEGER);
    }
    return undefined;
  }

  #checkSignal(): void {
    if (this.#signal?.aborted === true) throw cancelled(`reading the ${this.#what}`);
  }

  #truncated(where: string): EngineError {
    return this.#error('CORRUPT', `is cut off ${where}`);
  }

  #error(code: 'CORRUPT' | 'LIMIT_EXCEEDED', why: string): EngineError {
    return new EngineError(code, `the ${this.#what} ${why}`);
  }
}

function isEmptyBlock(block: Uint8Array): boolean {
  for (let i = 0; i < block.length; i++) if (block[i] !== 0) return false;
  return true;
}

function readLongName(bytes: Uint8Array, what: string): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  const name = decodeName(bytes.subarray(0, end));
  checkName(name, what);
  return name;
}

/** A global header may set owners and times; one that named or sized every entry would make no sense (S2). */
function mergeGlobal(before: PaxRecords, records: PaxRecords, where: string): PaxRecords {
  for (const key of ['path', 'linkpath', 'size']) {
    if (records.has(key)) throw new EngineError('CORRUPT', `${where} sets "${key}" for all entries at once`);
  }
  return new Map([...before, ...records]);
}

/** Puts an entry together: local PAX over global PAX over the header; GNU long names over all. */
function createEntry(
  header: TarHeader,
  extensions: Extensions,
  global: PaxRecords,
  archive: string,
): TarEntry {
  const pax = mergePax(global, extensions.pax);
  const name = extensions.longName ?? paxText(pax, 'path') ?? header.name;
  const shown = `${JSON.stringify(name.slice(0, 200))} in the ${archive}`;
  refuseSparse(pax, shown);
  const type = entryType(header.type, name, shown);
  const link = extensions.longLink ?? paxText(pax, 'linkpath') ?? header.link;
  return {
    path: entryPath(name, type, shown),
    type,
    mode: header.mode,
    uid: idOf(pax, 'uid', header.uid, shown),
    gid: idOf(pax, 'gid', header.gid, shown),
    sizeBytes: type === 'file' ? integerOf(pax, 'size', header.size, shown) : 0,
    mtime: timeOf(pax, header.mtime, shown),
    link: entryLink(link, type, shown),
    devMajor: integerOf(pax, 'SCHILY.devmajor', header.devMajor, shown),
    devMinor: integerOf(pax, 'SCHILY.devminor', header.devMinor, shown),
    xattrs: pax.size === 0 ? NO_XATTRS : paxXattrs(pax, shown),
  };
}

const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();
const NO_RECORDS: PaxRecords = new Map();

/** POSIX: an empty value takes a record back, also a global one. Extended attributes may well be empty. */
function mergePax(global: PaxRecords, local: PaxRecords | undefined): PaxRecords {
  if (local === undefined && global.size === 0) return NO_RECORDS;
  const merged = new Map([...global, ...(local ?? NO_RECORDS)]);
  for (const [key, value] of merged) {
    if (value.length === 0 && !key.startsWith('SCHILY.xattr.')) merged.delete(key);
  }
  return merged;
}

function refuseSparse(pax: PaxRecords, shown: string): void {
  for (const key of pax.keys()) {
    if (key.startsWith('GNU.sparse.'))
      throw new EngineError('UNSUPPORTED', `${shown} is a sparse file, which an image cannot hold`);
  }
}

/** Before POSIX a folder was a file whose name ends with a slash. */
function entryType(flag: string, name: string, shown: string): TarEntryType {
  const type = TYPES.get(flag);
  if (type === 'file' && name.endsWith('/')) return 'directory';
  if (type !== undefined) return type;
  const what = REFUSED_TYPES.get(flag) ?? `of the unknown type ${JSON.stringify(flag)}`;
  throw new EngineError('UNSUPPORTED', `${shown} is ${what}, which an image cannot hold`);
}

function entryPath(name: string, type: TarEntryType, shown: string): string {
  const path = cleanEntryName(name, shown);
  if (path !== '' || type === 'directory') return path;
  throw new EngineError('CORRUPT', `a ${type} has no name: ${shown}`);
}

function entryLink(link: string, type: TarEntryType, shown: string): string {
  if (type === 'hardlink') {
    const target = cleanEntryName(link, `the hard link's target of ${shown}`);
    if (target !== '') return target;
    throw new EngineError('CORRUPT', `the hard link ${shown} has no target`);
  }
  if (type !== 'symlink') return '';
  checkName(link, `the symbolic link's target of ${shown}`);
  return link;
}

function paxText(pax: PaxRecords, key: string): string | undefined {
  const value = pax.get(key);
  return value === undefined ? undefined : decodeName(value);
}

function integerOf(pax: PaxRecords, key: string, otherwise: number, shown: string): number {
  const value = pax.get(key);
  return value === undefined ? otherwise : parsePaxInteger(value, `the ${key} of ${shown}`);
}

function idOf(pax: PaxRecords, key: string, otherwise: number, shown: string): number {
  const id = integerOf(pax, key, otherwise, shown);
  if (id <= MAX_ID) return id;
  throw new EngineError('CORRUPT', `the ${key} of ${shown} is no possible id: ${id}`);
}

function timeOf(pax: PaxRecords, otherwise: number, shown: string): number {
  const value = pax.get('mtime');
  return value === undefined ? otherwise : parsePaxTime(value, `the mtime of ${shown}`);
}
