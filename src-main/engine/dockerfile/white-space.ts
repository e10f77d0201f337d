/**
 * What a Dockerfile counts as white space: Unicode's White_Space property, which is not quite what
 * JavaScript's `\s` and `trim` mean (they add U+FEFF and leave out U+0085).
 */
const SPACE = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/;

/** True for one character that is white space; false for the empty string. */
export function isSpace(character: string): boolean {
  return SPACE.test(character);
}

/** True for white space of ASCII: the flags and the type of HEALTHCHECK are parted by nothing else. */
export function isAsciiSpace(character: string): boolean {
  return (character >= '\t' && character <= '\r') || character === ' ';
}

/** The offset of the first character at or after `from` that is not white space (or the length). */
export function skipSpace(text: string, from = 0, isWhite = isSpace): number {
  let at = from;
  while (at < text.length && isWhite(text.charAt(at))) at += 1;
  return at;
}

/** The length of `text` without the white space at its end. */
export function trimmedEnd(text: string, isWhite = isSpace): number {
  let end = text.length;
  while (end > 0 && isWhite(text.charAt(end - 1))) end -= 1;
  return end;
}

export function trimSpace(text: string): string {
  const start = skipSpace(text);
  return text.slice(start, Math.max(start, trimmedEnd(text)));
}
