import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { findIgnoreFile } from '../build/context/context-source.ts';
import { readIgnoreSource, type IgnoreSource } from '../build/context/ignore-source.ts';
import type { IgnoredBy } from '../build/source/source-tree.ts';
import { cleanPath } from '../dockerfile/clean-path.ts';
import type { IgnoreMatcher, IgnoreState } from '../dockerfile/ignore-file.ts';

/** An entry of a folder of the build context. */
export interface ContextEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

/** A path of the build context, as a build would look at it. */
export interface ContextPath {
  readonly exists: boolean;
  readonly isFolder: boolean;
  readonly sizeBytes: number;
  /** The line of the ignore file that leaves it out. */
  readonly ignoredBy: IgnoredBy | undefined;
}

/** The ignore file that applies to a context; undefined where it cannot be read: the build tells. */
async function ignoreOf(context: string, file: string): Promise<IgnoreSource | undefined> {
  try {
    return await readIgnoreSource(await findIgnoreFile(context, resolve(context, file)), context);
  } catch {
    return undefined;
  }
}

/** Where a path of the context is on the host; undefined when a link leads out of the context (S5). */
async function hostPath(context: string, path: string): Promise<string | undefined> {
  try {
    const [root, target] = await Promise.all([realpath(context), realpath(join(context, path))]);
    return target === root || target.startsWith(root + sep) ? target : undefined;
  } catch {
    // Not there, or not to be seen.
    return undefined;
  }
}

/** The state of a walk that has come to a folder, and whether the folder is left out with all that is in it. */
function enter(ignore: IgnoreMatcher | undefined, folder: string): IgnoreState | undefined {
  let state: IgnoreState | undefined;
  if (ignore === undefined || folder === '.') return undefined;
  const names = folder.split('/');
  for (const [position] of names.entries()) {
    state = ignore.visit(names.slice(0, position + 1).join('/'), state).state;
  }
  return state;
}

/** A path from the context's root without `.` and `..`: there is nothing above the root. */
function insidePath(path: string): string {
  return cleanPath(`/${path}`).slice(1) || '.';
}

/**
 * What a folder of the build context holds, without what the ignore file leaves out; one level, in order of names.
 * Empty for what is no folder of the context.
 */
export async function listContextFolder(
  context: string,
  file: string,
  path: string,
): Promise<readonly ContextEntry[]> {
  const folder = insidePath(path);
  const host = await hostPath(context, folder);
  if (host === undefined) return [];
  const [entries, ignore] = await Promise.all([readdirOrNone(host), ignoreOf(context, file)]);
  const state = enter(ignore?.matcher, folder);
  const shown = await Promise.all(
    entries.map(async (entry) => {
      const isFolder =
        entry.isDirectory() || (entry.isSymbolicLink() && (await isFolderAt(join(host, entry.name))));
      const answer = ignore?.matcher?.visit(folder === '.' ? entry.name : `${folder}/${entry.name}`, state);
      const isOut = answer?.ignored === true && (answer.prunable || !isFolder);
      return isOut ? [] : [{ name: entry.name, isFolder }];
    }),
  );
  return shown.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function readdirOrNone(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    // A file, or a folder that may not be read: nothing to offer.
    return [];
  }
}

async function isFolderAt(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** What a build would find at a path of the context. */
export async function lookAtContextPath(context: string, file: string, path: string): Promise<ContextPath> {
  const inside = insidePath(path);
  const [host, ignore] = await Promise.all([hostPath(context, inside), ignoreOf(context, file)]);
  const found = host === undefined ? undefined : await stat(host).catch(() => undefined);
  return {
    exists: found !== undefined,
    isFolder: found?.isDirectory() === true,
    sizeBytes: found?.size ?? 0,
    ignoredBy: inside === '.' ? undefined : ignore?.lineFor(inside),
  };
}
