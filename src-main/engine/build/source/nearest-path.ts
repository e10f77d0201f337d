import { nearest } from '../../dockerfile/nearest.ts';
import type { SourceTree } from './source-tree.ts';

/** How many entries are looked at for a file of the same name in another folder. */
const SEARCHED_ENTRIES = 5000;

/** The path in the tree that someone may have meant by one that is not there. */
export function nearestPath(tree: SourceTree, path: string): string | undefined {
  return similarPath(tree, path) ?? sameNameElsewhere(tree, path);
}

/** Goes down the path; a name that a folder has not becomes the nearest one that it has. */
function similarPath(tree: SourceTree, path: string): string | undefined {
  let folder = '';
  for (const name of path.split('/').slice(1)) {
    const exact = `${folder}/${name}`;
    const found = tree.stat(exact) === undefined ? nearestName(tree, folder, name) : exact;
    if (found === undefined) return undefined;
    folder = found;
  }
  return folder === path ? undefined : folder;
}

function nearestName(tree: SourceTree, folder: string, name: string): string | undefined {
  const names = tree.children(folder === '' ? '/' : folder).map((child) => nameOf(child.path));
  const lower = name.toLowerCase();
  const found = names.find((other) => other.toLowerCase() === lower) ?? nearestOf(name, names);
  return found === undefined ? undefined : `${folder}/${found}`;
}

/** A name of one or two letters is near to everything. */
function nearestOf(name: string, names: readonly string[]): string | undefined {
  const near = names.filter((other) => Math.abs(other.length - name.length) <= 2 && other.length > 2);
  return name.length > 2 ? nearest(name, near) : undefined;
}

/** A file of that name in another folder, nearest to the top: the first of few thousand entries. */
function sameNameElsewhere(tree: SourceTree, path: string): string | undefined {
  const wanted = nameOf(path);
  let folders: readonly string[] = ['/'];
  let seen = 0;
  while (folders.length > 0 && seen < SEARCHED_ENTRIES) {
    const children = folders.flatMap((folder) => tree.children(folder));
    seen += children.length;
    const found = children.find((child) => nameOf(child.path) === wanted);
    if (found !== undefined) return found.path;
    folders = children.filter((child) => child.type === 'directory').map((child) => child.path);
  }
  return undefined;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
