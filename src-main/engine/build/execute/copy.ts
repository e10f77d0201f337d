import { EngineError, type SourceLocation } from '../../../contract/errors.ts';
import { copyHistory } from '../../dockerfile/history-text.ts';
import type { CopyInstruction } from '../../dockerfile/instruction.ts';
import { digestOf } from '../../oci/digest.ts';
import { located } from '../plan/locate-error.ts';
import { parseGitSource } from '../source/git-source.ts';
import type { StageState } from '../stage-state.ts';
import { copyLayer } from './copy-layer.ts';
import type { CopyRequest, CopyTask } from './copy-request.ts';
import { expandCopyWords, isLinked, placesOf, workdirFor, type CopyWords } from './copy-words.ts';
import { findCopyTasks } from './find-copy-tasks.ts';
import { heredocTasks } from './heredoc-tasks.ts';
import type { InstructionContext } from './instruction-context.ts';
import { openTree, revisionOf, sourceOf } from './source-of.ts';
import { writtenText } from './step-inputs.ts';

/** COPY: entries of the build context, a stage, an image or a named context, and here-documents. */
export async function executeCopy(
  context: InstructionContext,
  state: StageState,
  instruction: CopyInstruction,
): Promise<StageState> {
  const words = expandCopyWords(context, state, instruction);
  const { chown, chmod, chmodText } = words;
  const source =
    instruction.from === undefined ? undefined : sourceOf(context, 'copy', instruction.from.text);
  for (const { text, location } of words.paths) refuseAddress(text, location);
  const historyText = copyHistory({
    keyword: 'COPY',
    parents: instruction.parents,
    chown,
    chmod: chmodText,
    paths: words.paths.map(({ text }) => text),
    heredocs: words.heredocs.map(({ name }) => name),
    destination: words.writtenDestination,
  });
  const link = isLinked(instruction.link, words);
  return copyLayer(context, state, {
    findTasks: () => findTasks(context, instruction, words),
    asked: await askedOf(context, instruction, words, link),
    link,
    chown,
    chmod,
    chmodText,
    places: placesOf(instruction),
    written: writtenText(instruction),
    fromStage: source?.kind === 'stage' ? source.index : undefined,
    workdir: workdirFor(state, words),
    historyText,
  });
}

async function findTasks(
  context: InstructionContext,
  { parents, from }: CopyInstruction,
  words: CopyWords,
): Promise<readonly CopyTask[]> {
  const { destination, excludes } = words;
  const tasks: CopyTask[] = [];
  for (const { text: path, location } of words.paths) {
    const tree = await openTree(context, from?.text);
    const source = { tree, path, destination, parents, excludes, isArchive: never };
    tasks.push(...(await located(location, () => findCopyTasks(source))));
  }
  return [...tasks, ...heredocTasks(context, words)];
}

/** Everything that `findTasks` and the keys of a copy depend on. */
async function askedOf(
  context: InstructionContext,
  { parents, from }: CopyInstruction,
  words: CopyWords,
  link: boolean,
): Promise<CopyRequest['asked']> {
  const revision = words.paths.length === 0 ? undefined : await revisionOf(context, from?.text);
  if (revision === undefined) return undefined;
  const { destination, excludes, chown, chmodText } = words;
  const paths = words.paths.map(({ text }) => text);
  const heredocs = words.heredocs.map(({ name, content }) => [name, digestOf(content)]);
  return { revision, words: [paths, heredocs, destination, parents, excludes, chown, chmodText, link] };
}

function never(): Promise<boolean> {
  return Promise.resolve(false);
}

function refuseAddress(path: string, location: SourceLocation): void {
  if (!/^https?:\/\//.test(path) && parseGitSource(path) === undefined) return;
  throw new EngineError('DOCKERFILE', `COPY cannot take ${path}: its sources are files`, {
    hint: 'Use ADD.',
    location,
  });
}
