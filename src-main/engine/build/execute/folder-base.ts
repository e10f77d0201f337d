import { createFilter, selectEntries } from '../source/select-entries.ts';
import { EngineError } from '../../../contract/errors.ts';
import { scratchState, type StageState } from '../stage-state.ts';
import { copyLayer } from './copy-layer.ts';
import type { InstructionContext } from './instruction-context.ts';

/** FROM a named context that is a folder: its files are the root file system. */
export async function folderBase(context: InstructionContext, name: string): Promise<StageState> {
  const { run, stage } = context;
  const tree = await run.sources.namedFolder(name, { signal: run.signal });
  const root = tree.stat('/');
  if (root === undefined) throw new EngineError('NOT_FOUND', `${tree.name} is gone`);
  const entries = selectEntries(tree, root, createFilter([], []));
  const job = { tree, root, entries, baseName: '', destination: '/', contentsOnly: true };
  return copyLayer(context, scratchState(stage.platform), {
    findTasks: () => Promise.resolve([{ kind: 'copy', job }]),
    link: false,
    chown: undefined,
    chmod: undefined,
    chmodText: undefined,
    written: `FROM ${name}`,
    historyText: `FROM ${name}`,
  });
}
