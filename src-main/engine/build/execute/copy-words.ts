import { EngineError } from '../../../contract/errors.ts';
import { cleanPath } from '../../dockerfile/clean-path.ts';
import { expandHeredoc } from '../../dockerfile/expand-word.ts';
import { heredocContent } from '../../dockerfile/heredoc.ts';
import type { AddInstruction, CopyInstruction, Heredoc, Word } from '../../dockerfile/instruction.ts';
import { flagValueLocation } from '../../dockerfile/flag-value-location.ts';
import { parseChmod, type ModeChange } from '../../dockerfile/parse-chmod.ts';
import type { StageState } from '../stage-state.ts';
import type { CopyPlaces } from './copy-request.ts';
import { expandIn, type InstructionContext } from './instruction-context.ts';

/** The words of COPY or ADD, expanded. */
export interface CopyWords {
  readonly paths: readonly Word[];
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
  const expand = ({ text, location }: Word) => expandIn(context, state, text, location);
  const flagText = (name: string, text: string | undefined) =>
    text === undefined
      ? undefined
      : expand({ text, location: flagValueLocation(instruction, name) }) || undefined;
  const chmodText = flagText('chmod', instruction.chmod);
  const writtenDestination = expand(instruction.destination);
  const words: CopyWords = {
    paths: instruction.sources.flatMap((source) =>
      source.type === 'path' ? [{ text: expand(source), location: source.location }] : [],
    ),
    heredocs: instruction.sources.flatMap((source) =>
      source.type === 'heredoc' ? [expandHeredocFile(state, source.heredoc)] : [],
    ),
    writtenDestination,
    destination: absoluteDestination(state.config.WorkingDir || '/', writtenDestination),
    chown: flagText('chown', instruction.chown),
    chmodText,
    chmod: chmodText === undefined ? undefined : readChmod(chmodText, instruction),
    // Patterns are taken as they are written.
    excludes: instruction.excludes,
  };
  checkSeveral(words, instruction);
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

function readChmod(text: string, instruction: CopyInstruction | AddInstruction): ModeChange {
  const change = parseChmod(text);
  if (change !== undefined) return change;
  throw new EngineError('DOCKERFILE', `invalid --chmod=${text}`, {
    hint: 'Write an octal number up to 7777, or symbols like u=rwX,go=rX.',
    location: flagValueLocation(instruction, 'chmod'),
  });
}

/** Several sources need a destination that says that it is a folder. */
function checkSeveral(words: CopyWords, instruction: CopyInstruction | AddInstruction): void {
  if (words.paths.length + words.heredocs.length < 2 || words.destination.endsWith('/')) return;
  throw new EngineError(
    'DOCKERFILE',
    `${instruction.keyword.text.toUpperCase()} with several sources needs a folder as its destination: ${words.writtenDestination}`,
    {
      hint: `End it with a slash: ${words.writtenDestination}/`,
      location: instruction.destination.location,
    },
  );
}

/** Where the parts are written that an error may be about. */
export function placesOf(instruction: CopyInstruction | AddInstruction): CopyPlaces {
  return {
    chown: flagValueLocation(instruction, 'chown'),
    destination: instruction.destination.location,
  };
}

/** BuildKit takes --link back when there is a --chmod, and so the destination's links are followed again. */
export function isLinked(link: boolean, words: CopyWords): boolean {
  return link && words.chmodText === undefined;
}

/** The working folder where the destination depends on it. */
export function workdirFor(state: StageState, { writtenDestination }: CopyWords): string | undefined {
  return writtenDestination.startsWith('/') ? undefined : state.config.WorkingDir || '/';
}
