import { EngineError } from '../../contract/errors.ts';

/** The most bytes that a path or link target may have (S8). */
export const PATH_LIMIT_BYTES = 4096;

const NOT_ASCII = /[^\x00-\x7f]/;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Text of a name's bytes. Bytes that are not UTF-8 become lone surrogates U+DC80 to U+DCFF, so that `encodeName`
 * gives back exactly what was read.
 */
export function decodeName(bytes: Uint8Array): string {
  const text = latin1(bytes);
  if (!NOT_ASCII.test(text)) return text;
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return decodeByPieces(bytes);
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** Decodes the longest valid sequences and escapes every byte between them. */
function decodeByPieces(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = validSequenceLength(bytes, at);
    if (length === 0) text += String.fromCharCode(0xdc00 | (bytes[at] ?? 0));
    else text += strictUtf8.decode(bytes.subarray(at, at + length));
    at += Math.max(length, 1);
  }
  return text;
}

function validSequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const sequence = bytes.subarray(at, at + length);
  return sequence.length === length && isUtf8(sequence) ? length : 0;
}

function isUtf8(bytes: Uint8Array): boolean {
  return Buffer.from(Buffer.from(bytes).toString('utf8'), 'utf8').equals(bytes);
}

/** The bytes of a name; the inverse of `decodeName`. */
export function encodeName(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8');
  const parts = text.split(/([\udc80-\udcff](?<![\ud800-\udbff][\udc80-\udcff]))/);
  return Buffer.concat(
    parts.map((part) =>
      /^[\udc80-\udcff]$/.test(part) ? Buffer.of(part.charCodeAt(0) & 0xff) : Buffer.from(part, 'utf8'),
    ),
  );
}

export function isAsciiName(text: string): boolean {
  return !NOT_ASCII.test(text);
}

/**
 * A member's name in the form of `TarEntry.path`: a leading `/`, `.` and empty components go, `..` and NUL are
 * refused, more than 4,096 bytes are too many. `what` begins the error's message.
 */
export function cleanEntryName(name: string, what: string): string {
  checkName(name, what);
  if (isCleanName(name)) return name;
  const components = name.split('/').filter((part) => part !== '' && part !== '.');
  if (components.includes('..'))
    throw new EngineError('CORRUPT', `${what} leads out of the archive with ".."`);
  return components.join('/');
}

function isCleanName(name: string): boolean {
  return name !== '' && !/^\/|\/$|\/\/|(?:^|\/)\.\.?(?:\/|$)/.test(name);
}

/** Refuses NUL and too many bytes: for names that stay as they are, such as the target of a symbolic link. */
export function checkName(name: string, what: string): void {
  if (name.includes('\0')) throw new EngineError('CORRUPT', `${what} contains a NUL`);
  if (name.length > PATH_LIMIT_BYTES || (name.length > 1024 && encodeName(name).length > PATH_LIMIT_BYTES)) {
    throw new EngineError('LIMIT_EXCEEDED', `${what} has more than ${PATH_LIMIT_BYTES} bytes`);
  }
}
