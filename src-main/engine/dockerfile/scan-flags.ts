import type { EscapeCharacter } from './dockerfile.ts';
import type { Flag } from './instruction.ts';
import { locate } from './source-text.ts';
import type { SourceText } from './source-text.ts';
import { isAsciiSpace, skipSpace } from './white-space.ts';

export interface FlagScan {
  readonly flags: readonly Flag[];
  /** Where the arguments start. */
  readonly end: number;
}

interface FlagWord {
  readonly text: string;
  readonly end: number;
}

/** The bytes that are white space when each is taken for a character. */
const BLANK_BYTES = /[\u0085\u00a0]/;

/**
 * A character as BuildKit reads it in a flag: byte by byte, so that one beyond ASCII becomes as many characters as
 * UTF-8 has bytes for it.
 */
function bytesOf(character: string): string {
  return character <= '\u007f' ? character : Buffer.from(character).toString('latin1');
}

/** One word from `start`; quotes group and disappear, the escape character takes the next one as it is. */
function scanFlagWord(text: string, start: number, escape: EscapeCharacter): FlagWord {
  let word = '';
  let quote = '';
  let at = start;
  while (at < text.length) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    if (quote === '' && isAsciiSpace(character)) break;
    at += character.length;
    if (character === quote) quote = '';
    else if (quote === '' && (character === "'" || character === '"')) quote = character;
    else if (character === escape) {
      word += text.charAt(at);
      at += 1;
    } else {
      const bytes = bytesOf(character);
      const blank = quote === '' ? bytes.search(BLANK_BYTES) : -1;
      word += blank < 0 ? bytes : bytes.slice(0, blank);
      if (blank >= 0) break;
    }
  }
  return { text: word, end: Math.min(at, text.length) };
}

function locateParts(
  source: SourceText,
  start: number,
  end: number,
): Pick<Flag, 'location' | 'nameLocation' | 'valueLocation'> {
  const location = locate(source, start, end);
  const equals = source.text.slice(start, end).indexOf('=');
  if (equals < 0) return { location, nameLocation: location, valueLocation: location };
  const nameLocation = locate(source, start, start + equals);
  return { location, nameLocation, valueLocation: locate(source, start + equals + 1, end) };
}

/** The flags between an instruction's name and its arguments. `--` alone ends them. */
export function scanFlags(source: SourceText, start: number, escape: EscapeCharacter): FlagScan {
  const flags: Flag[] = [];
  let at = skipSpace(source.text, start, isAsciiSpace);
  while (source.text.startsWith('--', at)) {
    const word = scanFlagWord(source.text, at, escape);
    if (word.text === '--') return { flags, end: word.end };
    const equals = word.text.indexOf('=');
    flags.push({
      name: word.text.slice(2, equals < 0 ? undefined : equals),
      value: equals < 0 ? undefined : word.text.slice(equals + 1),
      ...locateParts(source, at, word.end),
    });
    at = skipSpace(source.text, word.end, isAsciiSpace);
  }
  return { flags, end: at };
}
