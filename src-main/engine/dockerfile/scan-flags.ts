import type { Flag } from './instruction.ts';
import { locate } from './source-text.ts';
import type { SourceText } from './source-text.ts';
import { isSpace, skipSpace } from './white-space.ts';

export interface FlagScan {
  readonly flags: readonly Flag[];
  /** Where the arguments start. */
  readonly end: number;
}

interface FlagWord {
  readonly text: string;
  readonly quoted: boolean;
  readonly end: number;
}

/** One word from `start`; quotes group and disappear, a backslash takes the next character as it is. */
function scanFlagWord(text: string, start: number): FlagWord {
  let word = '';
  let quote = '';
  let quoted = false;
  let at = start;
  for (; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote === '' && isSpace(character)) break;
    if (character === quote) quote = '';
    else if (quote === '' && (character === "'" || character === '"')) {
      quote = character;
      quoted = true;
    } else if (character === '\\') {
      at += 1;
      word += text.charAt(at);
    } else word += character;
  }
  return { text: word, quoted, end: Math.min(at, text.length) };
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
export function scanFlags(source: SourceText, start: number): FlagScan {
  const flags: Flag[] = [];
  let at = skipSpace(source.text, start);
  while (source.text.startsWith('--', at)) {
    const word = scanFlagWord(source.text, at);
    if (word.text === '--') return { flags, end: word.end };
    const equals = word.text.indexOf('=');
    flags.push({
      name: word.text.slice(2, equals < 0 ? undefined : equals),
      value: equals < 0 ? undefined : word.text.slice(equals + 1),
      ...locateParts(source, at, word.end),
    });
    at = skipSpace(source.text, word.end);
  }
  return { flags, end: at };
}
