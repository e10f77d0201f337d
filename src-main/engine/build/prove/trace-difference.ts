import type {
  BuildStep,
  ProvedChange,
  ProvedDifference,
  ProvedPlace,
} from '../../../contract/builds-api.ts';
import { stackPrefixes } from '../../filetree/stack-root-fs.ts';
import type { StackedRootFs } from '../../filetree/stacked-root-fs.ts';
import type { LayerStack } from '../../sandbox/sandbox.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';
import type { CopiedEntry } from '../build-run.ts';
import type { ProvedBuild } from './build-once.ts';
import { compareEntry, type ComparedEntry, type EntryDifference } from './compare-entry.ts';
import { compareStacks } from './compare-stacks.ts';

type Pair<T> = readonly [T, T];

/** A difference in a stack of layers, and the steps that may have made its layer. */
interface Found {
  readonly stacks: Pair<LayerStack>;
  readonly change: ProvedChange;
  readonly steps: readonly BuildStep[];
}

/**
 * Goes from a difference of the two images back to the instruction that made it: what a COPY took from another stage
 * is looked for there, and so on. It ends where the sources are the same, or no stage's.
 */
export async function traceDifference(
  store: Store,
  builds: Pair<ProvedBuild>,
  change: ProvedChange,
  options: LongOptions,
): Promise<ProvedDifference> {
  const [first, second] = builds;
  let found = withSteps(builds, [first.image.layers, second.image.layers], change);
  const copies: ProvedPlace[] = [];
  for (;;) {
    const copy = copyOf(builds, found);
    const origin = copy && (await findOrigin(store, builds, copy.entry, options));
    if (copy === undefined || origin === undefined) break;
    copies.push(placeOf(found, copy.step, copies.length > 0));
    found = origin;
  }
  const step = found.steps.at(-1);
  if (copies.length === 0) return { ...found.change, ...placeOf(found, step, false) };
  const earlier = step?.keyword === 'RUN' ? await findEarlier(store, builds, found, options) : undefined;
  return { ...found.change, ...placeOf(found, step, true), copies, ...(earlier && { earlier }) };
}

/** Steps that gave this layer in the one build and that in the other: there may be equal ones in several stages. */
function withSteps([first, second]: Pair<ProvedBuild>, stacks: Pair<LayerStack>, change: ProvedChange): Found {
  const { layer = -1 } = change;
  const [before, after] = stacks.map((stack) => stack[layer]?.descriptor.digest);
  const made = ({ id }: BuildStep): boolean =>
    before !== undefined && first.layers.get(id) === before && second.layers.get(id) === after;
  return { stacks, change, steps: first.steps.filter(made) };
}

/** The COPY from another stage that put the entry there. */
function copyOf(
  builds: Pair<ProvedBuild>,
  { change, steps }: Found,
): { readonly step: BuildStep; readonly entry: CopiedEntry } | undefined {
  const found = steps.toReversed().flatMap((step) =>
    builds.flatMap(({ copied }) => {
      const entry = copied.get(step.id)?.get(`/${change.path ?? ''}`);
      return entry === undefined ? [] : [{ step, entry }];
    }),
  );
  return found[0];
}

/** The same difference where the COPY took it from; undefined when both were the same there. */
async function findOrigin(
  store: Store,
  builds: Pair<ProvedBuild>,
  { stage, source }: CopiedEntry,
  options: LongOptions,
): Promise<Found | undefined> {
  const stacks = stacksOf(builds, stage);
  const [ours, theirs] = [
    await stackPrefixes(store, stacks[0], options),
    await stackPrefixes(store, stacks[1], options),
  ];
  const [before, after] = [ours.at(-1), theirs.at(-1)];
  const found = await compareAt([before, after], source, options);
  if (found === undefined) return undefined;
  const isMissing = before?.lstat(source) === undefined || after?.lstat(source) === undefined;
  const layer = isMissing
    ? whenParted([ours, theirs], source)
    : Math.max(layerAt(before, source), layerAt(after, source));
  const path = pathAt(before, source) ?? pathAt(after, source) ?? source;
  return withSteps(builds, stacks, { ...found, path: path.slice(1), ...(layer >= 0 && { layer }) });
}

function stacksOf([first, second]: Pair<ProvedBuild>, stage: number): Pair<LayerStack> {
  return [first.stages.get(stage) ?? [], second.stages.get(stage) ?? []];
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

function layerAt(rootFs: StackedRootFs | undefined, path: string): number {
  return rootFs?.lstat(path)?.layer ?? -1;
}

function pathAt(rootFs: StackedRootFs | undefined, path: string): string | undefined {
  return rootFs?.lstat(path)?.path;
}

/** The layer with which the path came, or went, in one build and not in the other. */
function whenParted([ours, theirs]: Pair<readonly StackedRootFs[]>, path: string): number {
  const isThere = (rootFs: StackedRootFs | undefined): boolean => rootFs?.lstat(path) !== undefined;
  return ours.findLastIndex((rootFs, count) => isThere(rootFs) === isThere(theirs[count]));
}

/** What differs below the layer: the RUN that made it may only have passed it on. */
async function findEarlier(
  store: Store,
  builds: Pair<ProvedBuild>,
  { stacks: [before, after], change: { layer = 0 } }: Found,
  options: LongOptions,
): Promise<ProvedChange | undefined> {
  const below: Pair<LayerStack> = [before.slice(0, layer), after.slice(0, layer)];
  const change = await compareStacks(store, ...below, options);
  if (change === undefined) return undefined;
  const found = withSteps(builds, below, change);
  return { ...change, ...placeOf(found, found.steps.at(-1), true) };
}

function placeOf({ change }: Found, step: BuildStep | undefined, isElsewhere: boolean): ProvedPlace {
  const { layer, path } = change;
  return {
    layer,
    path,
    ...(step && { instruction: step.instruction, location: step.location }),
    ...(step && isElsewhere && { stage: step.stage }),
  };
}
