import { EngineError } from '../../../contract/errors.ts';
import { copyHistory } from '../../dockerfile/history-text.ts';
import type { AddInstruction } from '../../dockerfile/instruction.ts';
import { parseGitSource } from '../source/clone-repository.ts';
import type { SourceNode } from '../source/source-tree.ts';
import type { StageState } from '../stage-state.ts';
import { addGitTask, addUrlTask } from './add-remote.ts';
import { copyLayer } from './copy-layer.ts';
import type { CopyTask } from './copy-request.ts';
import { expandCopyWords, isLinked, type CopyWords } from './copy-words.ts';
import { findCopyTasks } from './find-copy-tasks.ts';
import { heredocTasks } from './heredoc-tasks.ts';
import { isArchiveNode } from './is-archive-node.ts';
import { expandIn, type InstructionContext } from './instruction-context.ts';

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
  for (const path of words.paths) {
    const remote = { context, instruction, words, checksum, fetched };
    if (parseGitSource(path) !== undefined) tasks.push(await addGitTask(remote, path));
    else if (isAddress(path)) tasks.push(await addUrlTask(remote, path));
    else tasks.push(...(await localTasks(context, instruction, words, path)));
  }
  tasks.push(...heredocTasks(context, words));
  const historyText = copyHistory({
    keyword: 'ADD',
    chown,
    chmod: chmodText,
    paths: words.paths,
    heredocs: words.heredocs.map(({ name }) => name),
    destination: words.writtenDestination,
  });
  return await copyLayer(context, state, {
    tasks,
    link: isLinked(instruction.link, words),
    chown,
    chmod,
    chmodText,
    historyText,
  });
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
  const checksum = expandIn(context, state, instruction.checksum);
  const [path = '', ...others] = words.paths;
  if (others.length > 0) throw badChecksum('--checksum is for one source');
  if (isAddress(path) || parseGitSource(path) !== undefined) return checksum;
  throw badChecksum('--checksum is for a source behind a URL or in a git repository');
}

function badChecksum(message: string): EngineError {
  return new EngineError('DOCKERFILE', message, { hint: 'Leave it out, or add one URL an instruction.' });
}
