import { statSync } from 'node:fs';
import { resolve } from 'node:path';

/** The folder that a command line asks to open (`varve-desktop /path`), if it names one that is there. */
export function folderArgument(
  argv: readonly string[],
  cwd: string,
  ownArguments: number,
): string | undefined {
  const [path] = argv.slice(ownArguments).filter((argument) => !argument.startsWith('-'));
  if (path === undefined) return undefined;
  const folder = resolve(cwd, path);
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? folder : undefined;
}
