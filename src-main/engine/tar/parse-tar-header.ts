import { EngineError } from '../../contract/errors.ts';
import { decodeName } from './entry-name.ts';
import { FIELDS, headerChecksum, type Field } from './tar-format.ts';

/** One header block as it stands, before PAX and GNU headers say otherwise. */
export interface TarHeader {
  readonly name: string;
  readonly link: string;
  /** The type flag; '0' also for the old NUL. */
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly devMajor: number;
  readonly devMinor: number;
}

/** Largest id that a Linux file can have; the one above means "none". */
export const MAX_ID = 0xfffffffe;

/** Parses and checks a header block; `where` names it in errors. */
export function parseTarHeader(block: Uint8Array, where: string): TarHeader {
  checkChecksum(block, where);
  const name = readName(block, FIELDS.name);
  const number = (field: Field, what: string): number => readNumber(block, field, `the ${what} of ${where}`);
  return {
    name: hasPrefix(block) ? joinPrefix(readName(block, FIELDS.prefix), name) : name,
    link: readName(block, FIELDS.link),
    type: String.fromCharCode(block[FIELDS.type.at] || 0x30),
    mode: number(FIELDS.mode, 'mode') & 0o7777,
    uid: number(FIELDS.uid, 'owner'),
    gid: number(FIELDS.gid, 'group'),
    size: number(FIELDS.size, 'size'),
    mtime: readNumber(block, FIELDS.mtime, `the time of ${where}`, { negative: true }),
    ...readDevice(block, number),
  };
}

/** Only ustar archives have device numbers; in others the place holds anything. */
function readDevice(
  block: Uint8Array,
  number: (field: Field, what: string) => number,
): Pick<TarHeader, 'devMajor' | 'devMinor'> {
  const type = block[FIELDS.type.at];
  if (type !== 0x33 && type !== 0x34) return { devMajor: 0, devMinor: 0 };
  return {
    devMajor: number(FIELDS.devMajor, 'device number'),
    devMinor: number(FIELDS.devMinor, 'device number'),
  };
}

/** Accepts the sum over signed bytes too, which some old programs wrote. */
function checkChecksum(block: Uint8Array, where: string): void {
  const claimed = readNumber(block, FIELDS.checksum, `the checksum of ${where}`);
  const sum = headerChecksum(block);
  if (claimed === sum || claimed === signedChecksum(block, sum)) return;
  throw new EngineError('CORRUPT', `${where} has a wrong checksum`);
}

function signedChecksum(block: Uint8Array, unsigned: number): number {
  let high = 0;
  for (let i = 0; i < block.length; i++) {
    const inField = i >= FIELDS.checksum.at && i < FIELDS.checksum.at + FIELDS.checksum.length;
    if (!inField && block[i]! >= 0x80) high += 1;
  }
  return unsigned - 256 * high;
}

/** The prefix field exists in POSIX archives; GNU's magic (`ustar` and two spaces) puts other things there. */
function hasPrefix(block: Uint8Array): boolean {
  const { at } = FIELDS.magic;
  return (
    block[FIELDS.prefix.at] !== 0 &&
    Buffer.from(block.buffer, block.byteOffset + at, 6).toString('latin1') === 'ustar\0'
  );
}

function joinPrefix(prefix: string, name: string): string {
  return `${prefix}/${name}`;
}

function readName(block: Uint8Array, field: Field): string {
  const bytes = block.subarray(field.at, field.at + field.length);
  if (bytes[0] === 0) return '';
  const nul = bytes.indexOf(0);
  return decodeName(nul < 0 ? bytes : bytes.subarray(0, nul));
}

/** Reads octal text, or GNU's binary form when the first bit is set. */
function readNumber(
  block: Uint8Array,
  field: Field,
  what: string,
  options: { readonly negative?: boolean } = {},
): number {
  const value =
    (block[field.at] ?? 0) >= 0x80 ? readBinary(block, field, what) : readOctal(block, field, what);
  if (value < 0 && options.negative !== true) throw new EngineError('CORRUPT', `${what} is negative`);
  return value;
}

function readOctal(block: Uint8Array, field: Field, what: string): number {
  let at = field.at;
  const end = field.at + field.length;
  while (at < end && block[at] === 0x20) at += 1;
  let value = 0;
  for (; at < end; at++) {
    const digit = block[at]! - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  if (at < end && block[at] !== 0x20 && block[at] !== 0)
    throw new EngineError('CORRUPT', `${what} is not a number`);
  return value;
}

function readBinary(block: Uint8Array, field: Field, what: string): number {
  const bytes = block.subarray(field.at, field.at + field.length);
  const isNegative = ((bytes[0] ?? 0) & 0x40) !== 0;
  let value = BigInt.asIntN(7, BigInt((bytes[0] ?? 0) & 0x7f));
  for (const byte of bytes.subarray(1)) value = (value << 8n) | BigInt(byte);
  if (isNegative !== value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER) || value < -0x8000000000000n) {
    throw new EngineError('CORRUPT', `${what} is too large`);
  }
  return Number(value);
}
