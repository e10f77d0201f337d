import { EngineError } from '../../contract/errors.ts';
import { encodeName, isAsciiName } from './entry-name.ts';
import type { TarEntry, TarEntryType } from './tar-entry.ts';
import { BLOCK_BYTES, FIELDS, headerChecksum, paddingLength, type Field } from './tar-format.ts';

/** The two empty blocks that end an archive. */
export const TAR_END: Uint8Array = new Uint8Array(2 * BLOCK_BYTES);

/** The zeros that follow `sizeBytes` bytes of content. */
export function tarPadding(sizeBytes: number): Uint8Array {
  return TAR_END.subarray(0, paddingLength(sizeBytes));
}

const NOTHING = Buffer.alloc(0);

const TYPE_FLAGS: Readonly<Record<TarEntryType, string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  char: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};

/** Largest numbers that seven and eleven octal digits hold. */
const MAX_OCTAL_7 = 0o7777777;
const MAX_OCTAL_11 = 0o77777777777;

/** What one header block says; what does not fit it goes before it as PAX records. */
interface Header {
  readonly name: Buffer;
  readonly prefix: Buffer;
  readonly link: Buffer;
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly devMajor: number;
  readonly devMinor: number;
}

type PaxRecords = Map<string, Uint8Array>;

/**
 * The header of one entry, ready to be followed by its content and `tarPadding`. Equal entries give equal bytes:
 * plain ustar when everything fits, otherwise PAX records in key order before it. No user or group names.
 */
export function encodeTarEntry(entry: TarEntry): Uint8Array {
  const pax: PaxRecords = new Map();
  const header = encodeHeader(fitHeader(entry, pax));
  return pax.size === 0 ? header : Buffer.concat([encodePax(pax), header]);
}

function fitHeader(entry: TarEntry, pax: PaxRecords): Header {
  const path = fitPath(entry, pax);
  addXattrs(entry, pax);
  return {
    ...path,
    link: fitLink(entry.link, pax),
    type: TYPE_FLAGS[entry.type],
    mode: entry.mode & 0o7777,
    uid: fitNumber('uid', entry.uid, MAX_OCTAL_7, pax),
    gid: fitNumber('gid', entry.gid, MAX_OCTAL_7, pax),
    size: fitNumber('size', entry.type === 'file' ? entry.sizeBytes : 0, MAX_OCTAL_11, pax),
    mtime: fitNumber('mtime', Math.floor(entry.mtime), MAX_OCTAL_11, pax),
    devMajor: fitNumber('SCHILY.devmajor', entry.devMajor, MAX_OCTAL_7, pax),
    devMinor: fitNumber('SCHILY.devminor', entry.devMinor, MAX_OCTAL_7, pax),
  };
}

function fitPath(entry: TarEntry, pax: PaxRecords): Pick<Header, 'name' | 'prefix'> {
  const written =
    entry.type === 'directory' ? (entry.path === '' ? './' : `${entry.path}/`) : checkedPath(entry);
  const bytes = encodeName(written);
  const split = isAsciiName(written) ? splitName(written) : undefined;
  if (split !== undefined) return split;
  pax.set('path', bytes);
  return { name: shorten(bytes), prefix: NOTHING };
}

function checkedPath(entry: TarEntry): string {
  if (entry.path !== '') return entry.path;
  throw new EngineError('INVALID_INPUT', `a ${entry.type} in an archive needs a name`);
}

/** Divides a name between the name and prefix fields at a `/`; undefined when neither way fits. */
function splitName(name: string): Pick<Header, 'name' | 'prefix'> | undefined {
  if (name.length <= FIELDS.name.length) return { name: Buffer.from(name), prefix: NOTHING };
  const slash = name.slice(0, FIELDS.prefix.length + 1).lastIndexOf('/', name.length - 2);
  const rest = name.length - slash - 1;
  if (slash <= 0 || rest > FIELDS.name.length) return undefined;
  return { name: Buffer.from(name.slice(slash + 1)), prefix: Buffer.from(name.slice(0, slash)) };
}

function fitLink(link: string, pax: PaxRecords): Buffer {
  const bytes = encodeName(link);
  if (bytes.length <= FIELDS.link.length && isAsciiName(link)) return bytes;
  pax.set('linkpath', bytes);
  return shorten(bytes);
}

/** What a reader without PAX would see of a name that does not fit. */
function shorten(bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(0, 100).map((byte) => (byte < 0x80 ? byte : 0x5f)));
}

function fitNumber(key: string, value: number, max: number, pax: PaxRecords): number {
  if (!Number.isSafeInteger(value) || (value < 0 && key !== 'mtime')) {
    throw new EngineError('INVALID_INPUT', `an archive cannot hold the ${key} ${value}`);
  }
  if (value >= 0 && value <= max) return value;
  pax.set(key, Buffer.from(String(value)));
  return 0;
}

function addXattrs(entry: TarEntry, pax: PaxRecords): void {
  for (const [name, value] of entry.xattrs) {
    if (name === '' || /[=\0\n]/.test(name)) {
      throw new EngineError(
        'UNSUPPORTED',
        `the extended attribute ${JSON.stringify(name)} has no form in a tar`,
      );
    }
    pax.set(`SCHILY.xattr.${name}`, value);
  }
}

function encodeHeader(header: Header): Buffer {
  // From Node's pool of small buffers: there may be one of these for each of hundreds of thousands of files.
  const block = Buffer.allocUnsafe(BLOCK_BYTES).fill(0);
  block.set(header.name, FIELDS.name.at);
  block.set(header.prefix, FIELDS.prefix.at);
  block.set(header.link, FIELDS.link.at);
  writeOctal(block, FIELDS.mode, header.mode);
  writeOctal(block, FIELDS.uid, header.uid);
  writeOctal(block, FIELDS.gid, header.gid);
  writeOctal(block, FIELDS.size, header.size);
  writeOctal(block, FIELDS.mtime, header.mtime);
  writeOctal(block, FIELDS.devMajor, header.devMajor);
  writeOctal(block, FIELDS.devMinor, header.devMinor);
  block.write(header.type, FIELDS.type.at, 'latin1');
  block.write('ustar\x0000', FIELDS.magic.at, 'latin1');
  const checksum = headerChecksum(block).toString(8).padStart(6, '0');
  block.write(`${checksum}\0 `, FIELDS.checksum.at, 'latin1');
  return block;
}

function writeOctal(block: Buffer, field: Field, value: number): void {
  block.write(value.toString(8).padStart(field.length - 1, '0'), field.at, 'latin1');
}

/** A PAX header block with its records. Its own name is always the same: it stands for nothing. */
function encodePax(pax: PaxRecords): Buffer {
  const keys = [...pax.keys()].sort((a, b) => (a < b ? -1 : 1));
  const records = Buffer.concat(keys.map((key) => encodePaxRecord(key, pax.get(key) ?? TAR_END)));
  const header = encodeHeader({
    name: Buffer.from('././@PaxHeader'),
    prefix: NOTHING,
    link: NOTHING,
    type: 'x',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: records.length,
    mtime: 0,
    devMajor: 0,
    devMinor: 0,
  });
  return Buffer.concat([header, records, tarPadding(records.length)]);
}

/** `length key=value\n`, where the length counts its own digits too. */
function encodePaxRecord(key: string, value: Uint8Array): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
