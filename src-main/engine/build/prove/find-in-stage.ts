import type { ProvedChange } from '../../../contract/builds-api.ts';
import { stackPrefixes } from '../../filetree/stack-root-fs.ts';
import type { StackedRootFs } from '../../filetree/stacked-root-fs.ts';
import type { LayerStack } from '../../sandbox/sandbox.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';
import { compareEntry, type ComparedEntry, type EntryDifference } from './compare-entry.ts';

type Pair<T> = readonly [T, T];

/** What differs at a path of a stage between two builds, and the layer that brought it. */
export async function findAtPath(
  store: Store,
  stacks: Pair<LayerStack>,
  path: string,
  options: LongOptions,
): Promise<ProvedChange | undefined> {
  const prefixes = await prefixesOf(store, stacks, options);
  const found = await compareAt(wholeOf(prefixes), path, options);
  return found && locate(prefixes, path, found);
}

/** What differs first at a path or below it, in the order of paths; links on the way to it are followed. */
export async function findBelowPath(
  store: Store,
  stacks: Pair<LayerStack>,
  path: string,
  options: LongOptions,
): Promise<ProvedChange | undefined> {
  const prefixes = await prefixesOf(store, stacks, options);
  const whole = wholeOf(prefixes);
  const paths = new Set(whole.flatMap((rootFs) => (rootFs === undefined ? [] : pathsBelow(rootFs, path))));
  for (const one of paths) {
    const found = await compareAt(whole, one, options);
    if (found !== undefined) return locate(prefixes, one, found);
  }
  return undefined;
}

function pathsBelow(rootFs: StackedRootFs, path: string): readonly string[] {
  const top = rootFs.stat(path);
  return top === undefined ? [] : Array.from(rootFs.walk(top.path), (node) => node.path);
}

/** A build's stacks of no layer, of the first, and so on up to the whole stage. */
async function prefixesOf(
  store: Store,
  [before, after]: Pair<LayerStack>,
  options: LongOptions,
): Promise<Pair<readonly StackedRootFs[]>> {
  return [await stackPrefixes(store, before, options), await stackPrefixes(store, after, options)];
}

function wholeOf([ours, theirs]: Pair<readonly StackedRootFs[]>): Pair<StackedRootFs | undefined> {
  return [ours.at(-1), theirs.at(-1)];
}

function compareAt(
  [before, after]: Pair<StackedRootFs | undefined>,
  path: string,
  options: LongOptions,
): Promise<EntryDifference | undefined> {
  return compareEntry(entryAt(before, path, options), entryAt(after, path, options));
}

function entryAt(
  rootFs: StackedRootFs | undefined,
  path: string,
  options: LongOptions,
): ComparedEntry | undefined {
  const node = rootFs?.lstat(path);
  if (rootFs === undefined || node === undefined) return undefined;
  return { entry: node.entry, open: () => rootFs.open(node, options) };
}

/** The layer that the entry comes from, or with which it came or went in one of the builds alone. */
function locate(
  prefixes: Pair<readonly StackedRootFs[]>,
  path: string,
  found: EntryDifference,
): ProvedChange {
  const nodes = wholeOf(prefixes).flatMap((rootFs) => rootFs?.lstat(path) ?? []);
  const layer =
    nodes.length === 2 ? Math.max(...nodes.map((node) => node.layer)) : whenParted(prefixes, path);
  const at = nodes[0]?.path ?? path;
  return { ...found, path: at.slice(1), ...(layer >= 0 && { layer }) };
}

/** A stack is one layer more than the one before: so many it had when both were last alike. */
function whenParted([ours, theirs]: Pair<readonly StackedRootFs[]>, path: string): number {
  const isThere = (rootFs: StackedRootFs | undefined): boolean => rootFs?.lstat(path) !== undefined;
  return ours.findLastIndex((rootFs, count) => isThere(rootFs) === isThere(theirs[count]));
}
