import { dockerfileError } from '../dockerfile-error.ts';
import { jsonOrWords } from '../arguments.ts';
import { EngineError } from '../../../contract/errors.ts';
import { parseHeredocStart, type HeredocStart } from '../heredoc.ts';
import type { CopySource, Heredoc, Word } from '../instruction.ts';
import type { Statement } from '../statement.ts';

interface Sources {
  readonly form: 'shell' | 'json';
  readonly sources: readonly CopySource[];
  readonly destination: Word;
}

/**
 * `<<NAME` is the last here-document of that name; one that was not opened, because the arguments are in JSON form
 * or a quote hides it, is empty.
 */
function toSource(word: Word, heredocs: ReadonlyMap<string, Heredoc>): CopySource {
  const start = heredocStart(word);
  if (start === undefined) return { type: 'path', ...word };
  const { content, location } = heredocs.get(start.name) ?? { content: '', location: word.location };
  return { type: 'heredoc', heredoc: { ...start, content, location }, location: word.location };
}

/** A quote that is not closed makes a path of the word. */
function heredocStart({ text }: Word): HeredocStart | undefined {
  if (!text.includes('<<')) return undefined;
  try {
    return parseHeredocStart(text);
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
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
  if (heredocStart(destination) !== undefined) {
    const hint = 'Put the path after the here-document.';
    throw dockerfileError(
      `${upper} cannot take a here-document as its destination`,
      destination.location,
      hint,
    );
  }
  return { form, destination, sources: words.slice(0, -1).map((word) => toSource(word, heredocs)) };
}
