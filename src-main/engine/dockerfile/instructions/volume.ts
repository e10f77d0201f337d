import { jsonOrWords, missingArgument } from '../arguments.ts';
import { dockerfileError } from '../dockerfile-error.ts';
import type { VolumeInstruction } from '../instruction.ts';
import { readFlags } from '../read-flags.ts';
import type { Statement } from '../statement.ts';
import { trimSpace } from '../white-space.ts';

export function parseVolume(statement: Statement): VolumeInstruction {
  const { form, words } = jsonOrWords(statement);
  if (words.length === 0) throw missingArgument(statement, 'at least one argument', 'Write VOLUME /path.');
  readFlags(statement, {});
  const paths = words.map((word) => ({ ...word, text: trimSpace(word.text) }));
  const empty = paths.find((path) => path.text === '');
  if (empty !== undefined)
    throw dockerfileError('VOLUME cannot be an empty path', empty.location, 'Write VOLUME /path.');
  return { ...statement.base, kind: 'volume', paths, form };
}
