import { dockerfileError } from '../dockerfile-error.ts';
import { jsonOrWords } from '../arguments.ts';
import { parseHeredocStart } from '../heredoc.ts';
import type { CopySource, Heredoc, Word } from '../instruction.ts';
import type { Statement } from '../statement.ts';

interface Sources {
  readonly form: 'shell' | 'json';
  readonly sources: readonly CopySource[];
  readonly destination: Word;
}

function toSource(word: Word, heredocs: ReadonlyMap<string, Heredoc>): CopySource {
  const start = word.text.includes('<<') ? parseHeredocStart(word.text) : undefined;
  const heredoc = start && heredocs.get(start.name);
  if (heredoc === undefined) return { type: 'path', ...word };
  return { type: 'heredoc', heredoc, location: word.location };
}

/** The arguments of COPY and ADD: one source or more, then the destination. */
export function parseSources(statement: Statement): Sources {
  const upper = statement.name.toUpperCase();
  const { form, words } = jsonOrWords(statement);
  const destination = words.at(-1);
  if (destination === undefined || words.length < 2) {
    const at = destination?.location ?? statement.base.keyword.location;
    const hint = `Write ${upper} source… destination.`;
    throw dockerfileError(`${upper} requires at least two arguments: a source and a destination`, at, hint);
  }
  const heredocs = new Map(statement.base.heredocs.map((heredoc) => [heredoc.name, heredoc]));
  if (
    form === 'shell' &&
    destination.text.includes('<<') &&
    parseHeredocStart(destination.text) !== undefined
  ) {
    const hint = 'Put the path after the here-document.';
    throw dockerfileError(
      `${upper} cannot take a here-document as its destination`,
      destination.location,
      hint,
    );
  }
  return { form, destination, sources: words.slice(0, -1).map((word) => toSource(word, heredocs)) };
}
