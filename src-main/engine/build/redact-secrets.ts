const MASK = Buffer.from('***');
/** A secret of one line that is shorter is in half of all output by chance. */
const LEAST_BYTES = 4;
/** The same for a line of many, which is less of a secret. */
const LEAST_LINE_BYTES = 8;
/** Longer lines are looked for in pieces, so that little has to be held back. */
const PIECE_BYTES = 1024;
/** Where base64(1) and its like break lines. */
const BASE64_LINE = 76;

/** Takes secrets out of a stream of bytes, wherever its pieces begin and end. */
export interface Redaction {
  /** What can be shown now; what may be the beginning of a secret waits. */
  push(bytes: Uint8Array): Uint8Array;
  /** What still waited. */
  end(): Uint8Array;
}

/** Secrets are found as they are, line by line, and in base64. */
export function createRedaction(secrets: Iterable<Uint8Array>): Redaction {
  const patterns = [...new Set([...secrets].flatMap(patternsOf))].map((text) => Buffer.from(text, 'latin1'));
  let waiting: Uint8Array = new Uint8Array();
  return {
    push: (bytes) => {
      if (patterns.length === 0) return bytes;
      const { shown, rest } = mask(Buffer.concat([waiting, bytes]), patterns);
      const at = rest.length - beginningAtEnd(rest, patterns);
      waiting = rest.subarray(at);
      return Buffer.concat([...shown, rest.subarray(0, at)]);
    },
    end: () => waiting,
  };
}

/** All but what follows the last secret, without secrets, and what follows it. */
function mask(
  bytes: Buffer,
  patterns: readonly Buffer[],
): { readonly shown: readonly Buffer[]; readonly rest: Buffer } {
  const shown: Buffer[] = [];
  let rest = bytes;
  for (let found = findFirst(rest, patterns); found !== undefined; found = findFirst(rest, patterns)) {
    shown.push(rest.subarray(0, found.at), MASK);
    rest = rest.subarray(found.at + found.length);
  }
  return { shown, rest };
}

/** The first secret, and of those that begin together the longest. */
function findFirst(
  bytes: Buffer,
  patterns: readonly Buffer[],
): { readonly at: number; readonly length: number } | undefined {
  let first: { at: number; length: number } | undefined;
  for (const pattern of patterns) {
    const { length } = pattern;
    const at = bytes.indexOf(pattern);
    if (at < 0) continue;
    if (first === undefined || at < first.at || (at === first.at && length > first.length)) {
      first = { at, length };
    }
  }
  return first;
}

/** How many of the last bytes may be the beginning of a secret. */
function beginningAtEnd(bytes: Buffer, patterns: readonly Buffer[]): number {
  let longest = 0;
  for (const pattern of patterns) {
    const most = Math.min(pattern.length - 1, bytes.length);
    for (let length = most; length > longest; length -= 1) {
      const end = bytes.subarray(bytes.length - length);
      if (end[0] === pattern[0] && pattern.subarray(0, length).equals(end)) longest = length;
    }
  }
  return longest;
}

/** As text of one character a byte, which a set can compare. */
function patternsOf(secret: Uint8Array): readonly string[] {
  const text = Buffer.from(secret).toString('latin1');
  return [
    ...linesOf(text),
    ...piecesOf(base64(text), BASE64_LINE),
    ...[text, text.trim()].flatMap((each) => piecesOf(base64(each), PIECE_BYTES)),
  ];
}

function linesOf(text: string): readonly string[] {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const least = lines.length === 1 ? LEAST_BYTES : LEAST_LINE_BYTES;
  return lines.filter((line) => line.length >= least).flatMap((line) => pieces(line, PIECE_BYTES));
}

function base64(text: string): string {
  return Buffer.from(text, 'latin1').toString('base64');
}

function piecesOf(text: string, size: number): readonly string[] {
  return pieces(text, size).filter((piece) => piece.length >= LEAST_LINE_BYTES);
}

function pieces(text: string, size: number): readonly string[] {
  const count = Math.ceil(text.length / size);
  return Array.from({ length: count }, (_, index) => text.slice(index * size, (index + 1) * size));
}
