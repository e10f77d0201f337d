/** Text in the quotes of Go's `%q`, which BuildKit's history is written with. */

const SHORT: ReadonlyMap<string, string> = new Map([
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
]);
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const MAX_CODE_POINT = 0x10ffff;

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

function quoteCharacter(character: string, quote: string): string {
  if (character === quote) return `\\${quote}`;
  const short = SHORT.get(character);
  if (short !== undefined) return short;
  if (PRINTABLE.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

/** A string: `"a\n"`. */
export function quoteString(text: string): string {
  return `"${Array.from(text, (character) => quoteCharacter(character, '"')).join('')}"`;
}

/** A list of strings: `["a" "b"]`. */
export function quoteList(texts: readonly string[]): string {
  return `[${texts.map(quoteString).join(' ')}]`;
}

/** A number as the character with that code: `'\a'` for 7. */
export function quoteCode(code: number): string {
  const isCharacter = code >= 0 && code <= MAX_CODE_POINT && !(code >= 0xd800 && code <= 0xdfff);
  return `'${quoteCharacter(isCharacter ? String.fromCodePoint(code) : '\ufffd', "'")}'`;
}
