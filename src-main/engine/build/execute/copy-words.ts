import { EngineError } from '../../../contract/errors.ts';
import { cleanPath } from '../../dockerfile/clean-path.ts';
import { expandHeredoc } from '../../dockerfile/expand-word.ts';
import { heredocContent } from '../../dockerfile/heredoc.ts';
import type { AddInstruction, CopyInstruction, Heredoc } from '../../dockerfile/instruction.ts';
import { parseChmod, type ModeChange } from '../../dockerfile/parse-chmod.ts';
import type { StageState } from '../stage-state.ts';
import { expandIn, type InstructionContext } from './instruction-context.ts';

/** The words of COPY or ADD, expanded. */
export interface CopyWords {
  readonly paths: readonly string[];
  readonly heredocs: readonly { readonly name: string; readonly content: Uint8Array }[];
  /** As written, expanded: for the history. */
  readonly writtenDestination: string;
  /** Absolute; ends in `/` when it names a folder. */
  readonly destination: string;
  readonly chown: string | undefined;
  readonly chmodText: string | undefined;
  readonly chmod: ModeChange | undefined;
  readonly excludes: readonly string[];
}

export function expandCopyWords(
  context: InstructionContext,
  state: StageState,
  instruction: CopyInstruction | AddInstruction,
): CopyWords {
  const expand = (word: string) => expandIn(context, state, word);
  const optional = (word: string | undefined) => (word === undefined ? undefined : expand(word) || undefined);
  const chmodText = optional(instruction.chmod);
  const writtenDestination = expand(instruction.destination.text);
  const words: CopyWords = {
    paths: instruction.sources.flatMap((source) => (source.type === 'path' ? [expand(source.text)] : [])),
    heredocs: instruction.sources.flatMap((source) =>
      source.type === 'heredoc' ? [expandHeredocFile(state, source.heredoc)] : [],
    ),
    writtenDestination,
    destination: absoluteDestination(state.config.WorkingDir || '/', writtenDestination),
    chown: optional(instruction.chown),
    chmodText,
    chmod: chmodText === undefined ? undefined : readChmod(chmodText),
    excludes: instruction.excludes.map(expand),
  };
  checkSeveral(words, instruction.keyword.text.toUpperCase());
  return words;
}

function expandHeredocFile(state: StageState, heredoc: Heredoc): CopyWords['heredocs'][number] {
  const text = heredocContent(heredoc);
  const content = heredoc.expand ? expandHeredoc(text, state.env).text : text;
  return { name: heredoc.name, content: Buffer.from(content) };
}

/** A relative destination is below the working folder; '' and '.' are that folder itself. */
export function absoluteDestination(workingDir: string, written: string): string {
  const path = written.startsWith('/') ? written : `${workingDir}/${written}`;
  const clean = cleanPath(`/${path}`);
  const isFolder = written === '' || written === '.' || /\/\.?$/.test(written);
  return isFolder && clean !== '/' ? `${clean}/` : clean;
}

function readChmod(text: string): ModeChange {
  const change = parseChmod(text);
  if (change !== undefined) return change;
  throw new EngineError('DOCKERFILE', `invalid --chmod=${text}`, {
    hint: 'Write an octal number up to 7777, or symbols like u=rwX,go=rX.',
  });
}

/** Several sources need a destination that says that it is a folder. */
function checkSeveral(words: CopyWords, keyword: string): void {
  if (words.paths.length + words.heredocs.length < 2 || words.destination.endsWith('/')) return;
  throw new EngineError(
    'DOCKERFILE',
    `${keyword} with several sources needs a folder as its destination: ${words.writtenDestination}`,
    { hint: `End it with a slash: ${words.writtenDestination}/` },
  );
}

/** BuildKit takes --link back when there is a --chmod, and so the destination's links are followed again. */
export function isLinked(link: boolean, words: CopyWords): boolean {
  return link && words.chmodText === undefined;
}
