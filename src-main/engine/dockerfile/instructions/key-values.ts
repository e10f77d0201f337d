import { missingArgument } from '../arguments.ts';
import { dockerfileError } from '../dockerfile-error.ts';
import type { KeyValue, Word } from '../instruction.ts';
import { readFlags } from '../read-flags.ts';
import { locateSpan, spanText } from '../statement.ts';
import type { Statement } from '../statement.ts';
import { splitQuotedWords } from '../words.ts';

interface KeyValues {
  readonly pairs: readonly KeyValue[];
  readonly legacy: boolean;
}

function splitPair(word: Word, upper: string): KeyValue {
  const equals = word.text.indexOf('=');
  if (equals < 0) {
    const hint = `After the first name=value of ${upper} all others are of that form; quote a value with spaces.`;
    throw dockerfileError(`cannot find = in ${word.text}: it must be name=value`, word.location, hint);
  }
  return { key: word.text.slice(0, equals), value: word.text.slice(equals + 1), location: word.location };
}

/** `ENV key the rest of the line`. */
function parseLegacy(statement: Statement, upper: string): KeyValue {
  const text = spanText(statement.args);
  const space = /[\t\v\f\r ]+/.exec(text);
  const location = locateSpan(statement.args);
  if (space === null) {
    throw dockerfileError(`${upper} must have two arguments`, location, `Write ${upper} ${text}=value.`);
  }
  return { key: text.slice(0, space.index), value: text.slice(space.index + space[0].length), location };
}

/** The name and value pairs of ENV and LABEL; the first word decides which of the two forms it is. */
export function parseKeyValues(statement: Statement): KeyValues {
  const upper = statement.name.toUpperCase();
  const words = splitQuotedWords(statement.args, statement.escape);
  const hint = `Write ${upper} name=value.`;
  if (words[0] === undefined) throw missingArgument(statement, 'at least one argument', hint);
  const legacy = !words[0].text.includes('=');
  const pairs = legacy ? [parseLegacy(statement, upper)] : words.map((word) => splitPair(word, upper));
  readFlags(statement, {});
  const blank = pairs.find((pair) => pair.key === '');
  if (blank !== undefined) throw dockerfileError(`${upper} names cannot be blank`, blank.location, hint);
  return { pairs, legacy };
}
