import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isNodeError } from './is-node-error.ts';
import type { Namespace } from './open-namespace.ts';
import { runTool } from './run-tool.ts';

const REMOVE = `
if [ -n "$2" ] && [ -d "$1/upper" ]; then mv -T -n -- "$1/upper" "$2"; fi
rm -rf -- "$1"
`;

/**
 * Removes the folder of a run; its upper folder becomes the snapshot, if one is named and not there yet. The mounts in
 * it are seen in a lane only, and the kernel takes a mount down when its place is removed elsewhere. What the engine's
 * user may not touch is removed inside the namespace.
 */
export async function removeRun(
  namespace: Namespace,
  folder: string,
  snapshot: string | undefined,
): Promise<void> {
  try {
    if (snapshot !== undefined) adopt(join(folder, 'upper'), snapshot);
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if (!isNodeError(error, 'EACCES') && !isNodeError(error, 'EPERM')) throw error;
    const args = ['sh', '-c', REMOVE, 'remove', folder, snapshot ?? ''];
    await runTool(namespace, args, { what: `remove ${folder}` });
  }
}

function adopt(upper: string, snapshot: string): void {
  try {
    renameSync(upper, snapshot);
  } catch (error) {
    // Another command was faster.
    if (!isNodeError(error, 'ENOTEMPTY') && !isNodeError(error, 'EEXIST')) throw error;
  }
}
