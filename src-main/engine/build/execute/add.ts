import { EngineError, type SourceLocation } from '../../../contract/errors.ts';
import { flagValueLocation } from '../../dockerfile/flag-value-location.ts';
import { copyHistory } from '../../dockerfile/history-text.ts';
import type { AddInstruction } from '../../dockerfile/instruction.ts';
import { parseGitSource } from '../source/git-source.ts';
import { Unforeseen } from '../forecast/unforeseen.ts';
import type { SourceNode } from '../source/source-tree.ts';
import type { StageState } from '../stage-state.ts';
import { located } from '../plan/locate-error.ts';
import { addGitTask, addUrlTask, type RemoteAdd } from './add-remote.ts';
import { copyLayer } from './copy-layer.ts';
import type { CopyTask } from './copy-request.ts';
import { expandCopyWords, isLinked, type CopyWords, placesOf, workdirFor } from './copy-words.ts';
import { findCopyTasks } from './find-copy-tasks.ts';
import { heredocTasks } from './heredoc-tasks.ts';
import { isArchiveNode } from './is-archive-node.ts';
import { expandIn, type InstructionContext } from './instruction-context.ts';
import { writtenText } from './step-inputs.ts';

/** ADD: as COPY from the build context, but archives are unpacked, and addresses and git repositories fetched. */
export async function executeAdd(
  context: InstructionContext,
  state: StageState,
  instruction: AddInstruction,
): Promise<StageState> {
  const words = expandCopyWords(context, state, instruction);
  const { chown, chmod, chmodText } = words;
  const checksum = readChecksum(context, state, instruction, words);
  await using fetched = new AsyncDisposableStack();
  const tasks: CopyTask[] = [];
  for (const { text, location } of words.paths) {
    const remote = { context, instruction, words, checksum, fetched };
    tasks.push(...(await located(location, () => sourceTasks(remote, text))));
  }
  tasks.push(...heredocTasks(context, words));
  const historyText = copyHistory({
    keyword: 'ADD',
    chown,
    chmod: chmodText,
    paths: words.paths.map(({ text }) => text),
    heredocs: words.heredocs.map(({ name }) => name),
    destination: words.writtenDestination,
  });
  return await copyLayer(context, state, {
    findTasks: () => Promise.resolve(tasks),
    link: isLinked(instruction.link, words),
    chown,
    chmod,
    chmodText,
    places: placesOf(instruction),
    written: writtenText(instruction),
    workdir: workdirFor(state, words),
    historyText,
  });
}

async function sourceTasks(add: RemoteAdd, path: string): Promise<readonly CopyTask[]> {
  const repository = parseGitSource(path);
  const isRemote = repository !== undefined || isAddress(path);
  if (isRemote && add.context.run.foresight !== undefined)
    throw new Unforeseen(`${path} is fetched when it is built`);
  if (repository !== undefined) return [await addGitTask(add, repository)];
  if (isAddress(path)) return [await addUrlTask(add, path)];
  return localTasks(add.context, add.instruction, add.words, path);
}

function isAddress(path: string): boolean {
  return /^https?:\/\//.test(path);
}

async function localTasks(
  context: InstructionContext,
  instruction: AddInstruction,
  words: CopyWords,
  path: string,
): Promise<readonly CopyTask[]> {
  const { signal } = context.run;
  const tree = await context.run.sources.context({ signal });
  const { destination, excludes } = words;
  const isArchive = (node: { readonly path: string }) =>
    instruction.unpack === false ? Promise.resolve(false) : isArchiveNode(tree, node as SourceNode, signal);
  return findCopyTasks({ tree, path, destination, parents: false, excludes, isArchive });
}

function readChecksum(
  context: InstructionContext,
  state: StageState,
  instruction: AddInstruction,
  words: CopyWords,
): string | undefined {
  if (instruction.checksum === undefined) return undefined;
  const location = flagValueLocation(instruction, 'checksum');
  const checksum = expandIn(context, state, instruction.checksum, location);
  if (checksum === '') return undefined;
  const [{ text: path } = { text: '' }, ...others] = words.paths;
  if (others.length > 0) throw badChecksum('--checksum is for one source', location);
  if (isAddress(path) || parseGitSource(path) !== undefined) return checksum;
  throw badChecksum('--checksum is for a source behind a URL or in a git repository', location);
}

function badChecksum(message: string, location: SourceLocation): EngineError {
  return new EngineError('DOCKERFILE', message, {
    hint: 'Leave it out, or add one URL an instruction.',
    location,
  });
}
