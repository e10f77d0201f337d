import { dockerfileError } from './dockerfile-error.ts';
import type { CommandLine, Word } from './instruction.ts';
import { parseJsonArray } from './json-array.ts';
import { locateSpan, spanText } from './statement.ts';
import type { Statement } from './statement.ts';
import { splitWords, wholeWord } from './words.ts';

/** The error for an instruction with nothing after it; points at the instruction's name. */
export function missingArgument(statement: Statement, need: string, hint?: string): Error {
  const upper = statement.name.toUpperCase();
  return dockerfileError(`${upper} requires ${need}`, statement.base.keyword.location, hint);
}

/** Everything after the instruction as one word, white space inside included. */
export function oneWord(statement: Statement, hint: string): Word {
  if (spanText(statement.args) === '') throw missingArgument(statement, 'exactly one argument', hint);
  return wholeWord(statement.args);
}

/** A JSON array's strings, or words separated by white space. */
export function jsonOrWords(statement: Statement): { form: 'json' | 'shell'; words: readonly Word[] } {
  const json = parseJsonArray(statement.args);
  if (json !== undefined) return { form: 'json', words: json };
  return { form: 'shell', words: splitWords(statement.args) };
}

/** A JSON array's strings, or text for the shell. */
export function commandLine(args: Statement['args']): CommandLine {
  const location = locateSpan(args);
  const json = parseJsonArray(args);
  if (json === undefined) return { form: 'shell', text: spanText(args), location };
  return { form: 'exec', args: json.map((word) => word.text), location };
}
