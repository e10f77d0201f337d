import { createHash } from 'node:crypto';
import { join } from 'node:path';

/**
 * Where Electron keeps what belongs to the window. A store of its own (VARVE_ROOT) gets a window of its own, since
 * the folder also decides what counts as the second start of the same application.
 */
export function userFolder(usual: string, root: string | undefined): string {
  if (root === undefined || root === '') return usual;
  return join(usual, 'stores', createHash('sha256').update(root).digest('hex').slice(0, 12));
}
