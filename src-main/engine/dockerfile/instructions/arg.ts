import { missingArgument } from '../arguments.ts';
import { dockerfileError } from '../dockerfile-error.ts';
import type { ArgDefinition, ArgInstruction, Word } from '../instruction.ts';
import type { Statement } from '../statement.ts';
import { splitQuotedWords } from '../words.ts';

function parseDefinition(word: Word): ArgDefinition {
  const equals = word.text.indexOf('=');
  if (equals === 0)
    throw dockerfileError('ARG names cannot be blank', word.location, 'Write ARG name=default.');
  return {
    name: equals < 0 ? word.text : word.text.slice(0, equals),
    value: equals < 0 ? undefined : word.text.slice(equals + 1),
    location: word.location,
  };
}

/** Flags are not looked at, whatever they are. */
export function parseArg(statement: Statement): ArgInstruction {
  const words = splitQuotedWords(statement.args, statement.escape);
  if (words.length === 0) {
    throw missingArgument(statement, 'at least one argument', 'Write ARG name or ARG name=default.');
  }
  return { ...statement.base, kind: 'arg', args: words.map(parseDefinition) };
}
