import { statSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * The folder that a command line asks to open (`varve-desktop /path`), if it names one that is there. The last word
 * counts: Electron and Chromium put switches of their own anywhere before, and outside a package `application`, the
 * application's own path, is a word too.
 */
export function folderArgument(
  argv: readonly string[],
  cwd: string,
  application: string,
): string | undefined {
  const path = argv.slice(1).findLast((argument) => !argument.startsWith('-'));
  if (path === undefined) return undefined;
  const folder = resolve(cwd, path);
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder && folder !== application ? folder : undefined;
}
