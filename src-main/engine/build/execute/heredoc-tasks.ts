import { buildTime } from '../build-run.ts';
import { memoryTree } from '../source/memory-tree.ts';
import type { CopyTask } from './copy-request.ts';
import type { CopyWords } from './copy-words.ts';
import type { InstructionContext } from './instruction-context.ts';

/** Here-documents as files of their names. */
export function heredocTasks(context: InstructionContext, words: CopyWords): readonly CopyTask[] {
  return words.heredocs.map(({ name, content }) => {
    const { tree, root } = memoryTree(name, content, { mode: 0o644, mtime: buildTime(context.run) });
    const baseName = name.slice(name.lastIndexOf('/') + 1);
    const entries = [{ node: root, relative: '', asParent: false }];
    const { destination } = words;
    return { kind: 'copy', job: { tree, root, entries, baseName, destination, contentsOnly: false } };
  });
}
