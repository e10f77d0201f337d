import { EngineError } from '../../contract/errors.ts';
import { decodeName } from './entry-name.ts';

/** Records of a PAX header by key; an empty value takes an earlier one back. */
export type PaxRecords = ReadonlyMap<string, Uint8Array>;

/** The longest key; no program writes one that is nearly as long. */
const KEY_LIMIT_BYTES = 4096;

/** Parses `length key=value\n` records (POSIX.1-2017, pax Extended Header). */
export function parsePax(bytes: Uint8Array, where: string): PaxRecords {
  const records = new Map<string, Uint8Array>();
  for (let at = 0; at < bytes.length;) {
    const { key, value, end } = parseRecord(bytes, at, where);
    records.set(key, value);
    at = end;
  }
  return records;
}

function parseRecord(
  bytes: Uint8Array,
  at: number,
  where: string,
): { key: string; value: Uint8Array; end: number } {
  const space = bytes.subarray(at, at + 12).indexOf(0x20);
  const digits = space < 0 ? '' : Buffer.from(bytes.subarray(at, at + space)).toString('latin1');
  const end = at + Number(digits);
  if (!/^\d+$/.test(digits) || end > bytes.length || bytes[end - 1] !== 0x0a) throw malformed(where);
  const body = bytes.subarray(at + space + 1, end - 1);
  const equals = body.subarray(0, KEY_LIMIT_BYTES).indexOf(0x3d);
  if (equals <= 0 || end <= at + space + 1) throw malformed(where);
  const key = decodeName(body.subarray(0, equals));
  if (key.includes('\0')) throw malformed(where);
  return { key, value: body.subarray(equals + 1), end };
}

function malformed(where: string): EngineError {
  return new EngineError('CORRUPT', `${where} has a malformed PAX record`);
}

/** A PAX number without a fraction, 0 or more. */
export function parsePaxInteger(value: Uint8Array, what: string): number {
  const text = Buffer.from(value).toString('latin1');
  const number = Number(text);
  if (/^\d{1,20}$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new EngineError('CORRUPT', `${what} is not a possible number: ${JSON.stringify(text.slice(0, 40))}`);
}

/** A PAX time: seconds since 1970, maybe negative, maybe with a fraction. */
export function parsePaxTime(value: Uint8Array, what: string): number {
  const text = Buffer.from(value).toString('latin1');
  const number = Number(text);
  if (/^-?\d{1,15}(?:\.\d*)?$/.test(text) && Math.abs(number) <= Number.MAX_SAFE_INTEGER) return number;
  throw new EngineError('CORRUPT', `${what} is not a time: ${JSON.stringify(text.slice(0, 40))}`);
}

const SCHILY = 'SCHILY.xattr.';
const LIBARCHIVE = 'LIBARCHIVE.xattr.';

/** Extended attributes in name order; star's form wins over libarchive's, which holds the same again. */
export function paxXattrs(records: PaxRecords, where: string): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const [key, value] of records) {
    if (key.startsWith(LIBARCHIVE) && !found.has(decodeKey(key)))
      found.set(decodeKey(key), decodeBase64(value, where));
    if (key.startsWith(SCHILY)) found.set(key.slice(SCHILY.length), Uint8Array.from(value));
  }
  found.delete('');
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function decodeKey(key: string): string {
  const escaped = key.slice(LIBARCHIVE.length);
  return escaped.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

function decodeBase64(value: Uint8Array, where: string): Uint8Array {
  const text = Buffer.from(value).toString('latin1');
  if (/^[A-Za-z0-9+/]*=*$/.test(text)) return Uint8Array.from(Buffer.from(text, 'base64'));
  throw new EngineError('CORRUPT', `${where} has an extended attribute that is not base64`);
}
