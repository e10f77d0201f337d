import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { toolFolders } from './tool-environment.ts';

/** Whether the host has a tool of this name where tools are looked for. */
export async function hasTool(name: string): Promise<boolean> {
  for (const folder of toolFolders()) {
    const found = await access(join(folder, name), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}
