import { compileGlob } from '../../dockerfile/glob.ts';
import { cleanPath } from '../../dockerfile/clean-path.ts';
import { missingSource } from './missing-source.ts';
import type { SourceNode, SourceTree } from './source-tree.ts';

/** A path that a source names, before the links in it are followed. */
export interface SourceMatch {
  readonly path: string;
  /** What the wildcards took, relative to the folder before them; undefined for a path without wildcards. */
  readonly wildcardPart: string | undefined;
}

/** True when the path has `*`, `?` or `[` that no backslash protects. */
export function hasWildcard(path: string): boolean {
  return /[*?[]/.test(path.replace(/\\./g, ''));
}

/**
 * The paths that a source of COPY or ADD means. A path without wildcards is itself, whether or not it exists; one
 * with wildcards is every match in byte order, perhaps none; NOT_FOUND when there is no folder to look for them in.
 * `..` at the top is dropped: nothing is above the root.
 */
export function matchSources(tree: SourceTree, source: string): readonly SourceMatch[] {
  const names = cleanPath(`/${source}`).split('/').slice(1);
  const first = names.findIndex(hasWildcard);
  if (first < 0) return [{ path: `/${names.join('/')}`, wildcardPart: undefined }];
  const before = `/${names.slice(0, first).join('/')}`;
  const folder = tree.stat(before);
  if (folder === undefined) throw missingSource(tree, before);
  if (folder.type !== 'directory') return [];
  const pattern = compileGlob(names.slice(first).join('/'));
  const depth = names.length - first;
  const matches: SourceMatch[] = [];
  const visit = (parent: SourceNode, relative: string, level: number): void => {
    for (const child of tree.children(parent.path)) {
      const name = child.path.slice(child.path.lastIndexOf('/') + 1);
      const path = relative === '' ? name : `${relative}/${name}`;
      if (level === depth) {
        if (pattern.match(path)) matches.push({ path: child.path, wildcardPart: path });
      } else if (child.type === 'directory') visit(child, path, level + 1);
    }
  };
  visit(folder, '', 1);
  return matches;
}
