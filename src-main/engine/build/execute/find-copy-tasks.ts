import { EngineError } from '../../../contract/errors.ts';
import { cleanPath } from '../../dockerfile/clean-path.ts';
import { missingSource } from '../source/missing-source.ts';
import { createFilter, selectEntries } from '../source/select-entries.ts';
import { hasWildcard, matchSources, type SourceMatch } from '../source/match-sources.ts';
import type { SourceTree } from '../source/source-tree.ts';
import type { CopyTask } from './copy-request.ts';

export interface PathSource {
  readonly tree: SourceTree;
  /** As written, expanded. */
  readonly path: string;
  readonly destination: string;
  readonly parents: boolean;
  readonly excludes: readonly string[];
  /** Tells an archive that is to be unpacked. */
  readonly isArchive: (match: { readonly path: string }) => Promise<boolean>;
}

/** Everything that one written source means. NOT_FOUND for a path without wildcards that is not there. */
export async function findCopyTasks(source: PathSource): Promise<readonly CopyTask[]> {
  const { root, include } = splitPivot(source);
  if (include !== undefined) requirePath(source, root, include);
  const tasks: CopyTask[] = [];
  for (const match of matchSources(source.tree, root)) {
    const task = await toTask(source, match, include);
    if (task !== undefined) tasks.push(task);
  }
  return tasks;
}

/** With --parents: the folder before `/./`, and what is wanted below it with its parents. */
function splitPivot({ path, parents }: PathSource): {
  readonly root: string;
  readonly include: string | undefined;
} {
  if (!parents) return { root: path, include: undefined };
  const pivot = path.indexOf('/./');
  const root = pivot < 0 ? '/' : path.slice(0, pivot);
  const below = pivot < 0 ? path : path.slice(pivot + '/./'.length);
  return { root, include: cleanPath(`/${below}`).slice(1) };
}

function requirePath(source: PathSource, root: string, include: string): void {
  if (hasWildcard(root) || hasWildcard(include)) return;
  const path = cleanPath(`/${root}/${include}`);
  if (source.tree.stat(path) === undefined) throw missingSource(source.tree, path, source.path);
}

async function toTask(
  source: PathSource,
  match: SourceMatch,
  include: string | undefined,
): Promise<CopyTask | undefined> {
  const { tree, destination, excludes } = source;
  if (match.wildcardPart !== undefined && isExcluded(match.wildcardPart, excludes)) return undefined;
  const root = tree.stat(match.path);
  if (root === undefined) {
    if (match.wildcardPart !== undefined) throw danglingLink(source, match.path);
    throw missingSource(tree, match.path, source.path);
  }
  if (await source.isArchive(root)) return { kind: 'unpack', job: { tree, archive: root, destination } };
  const filter = createFilter(include === undefined ? [] : [include === '' ? '.' : include], excludes);
  const entries = selectEntries(tree, root, filter);
  const baseName = match.path.slice(match.path.lastIndexOf('/') + 1);
  return { kind: 'copy', job: { tree, root, entries, baseName, destination, contentsOnly: true } };
}

function isExcluded(path: string, excludes: readonly string[]): boolean {
  return excludes.length > 0 && (createFilter([], excludes).exclude?.ignores(path) ?? false);
}

function danglingLink(source: PathSource, path: string): EngineError {
  return new EngineError(
    'NOT_FOUND',
    `${path.slice(1)} of ${source.tree.name} is a link that leads nowhere`,
    {
      hint: 'Leave it out with --exclude or an ignore file.',
    },
  );
}
