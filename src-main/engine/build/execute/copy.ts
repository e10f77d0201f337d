import { EngineError, type SourceLocation } from '../../../contract/errors.ts';
import { copyHistory } from '../../dockerfile/history-text.ts';
import type { CopyInstruction } from '../../dockerfile/instruction.ts';
import { located } from '../plan/locate-error.ts';
import { parseGitSource } from '../source/git-source.ts';
import type { StageState } from '../stage-state.ts';
import { copyLayer } from './copy-layer.ts';
import type { CopyTask } from './copy-request.ts';
import { expandCopyWords, isLinked, placesOf, workdirFor } from './copy-words.ts';
import { findCopyTasks } from './find-copy-tasks.ts';
import { heredocTasks } from './heredoc-tasks.ts';
import type { InstructionContext } from './instruction-context.ts';
import { openTree, sourceOf } from './source-of.ts';
import { writtenText } from './step-inputs.ts';

/** COPY: entries of the build context, a stage, an image or a named context, and here-documents. */
export async function executeCopy(
  context: InstructionContext,
  state: StageState,
  instruction: CopyInstruction,
): Promise<StageState> {
  const words = expandCopyWords(context, state, instruction);
  const { destination, excludes, chown, chmod, chmodText } = words;
  const tree = words.paths.length === 0 ? undefined : await openTree(context, instruction.from?.text);
  const source =
    instruction.from === undefined ? undefined : sourceOf(context, 'copy', instruction.from.text);
  const tasks: CopyTask[] = [];
  for (const { text: path, location } of words.paths) {
    refuseAddress(path, location);
    if (tree === undefined) continue;
    const { parents } = instruction;
    const source = { tree, path, destination, parents, excludes, isArchive: never };
    tasks.push(...(await located(location, () => findCopyTasks(source))));
  }
  tasks.push(...heredocTasks(context, words));
  const historyText = copyHistory({
    keyword: 'COPY',
    parents: instruction.parents,
    chown,
    chmod: chmodText,
    paths: words.paths.map(({ text }) => text),
    heredocs: words.heredocs.map(({ name }) => name),
    destination: words.writtenDestination,
  });
  return copyLayer(context, state, {
    tasks,
    link: isLinked(instruction.link, words),
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
