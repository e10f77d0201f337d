import type { BuildStep, ProvedChange, ProvedDifference, ProvedPlace } from '../../../contract/builds-api.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';
import type { ProvedBuild } from './build-once.ts';
import { compareStacks } from './compare-stacks.ts';
import { findAtPath, findBelowPath } from './find-in-stage.ts';
import { stepOfLayer } from './step-of-layer.ts';

type Pair<T> = readonly [T, T];

/** A difference in a stage's stack of layers, or in the image's config. */
interface Found {
  readonly stage: number;
  readonly change: ProvedChange;
}

/**
 * Goes from a difference of the two images, which are their target stages, back to the instruction that made it: what a
 * COPY took from another stage is looked for there, and so on; then what a RUN may only have passed on.
 *
 * It comes to an end: what it goes back to lies in a stage with a lower number, or in the same stage in a lower layer
 * (`isBefore` lets nothing else through), and stages and layers are counted from 0.
 */
export function traceDifference(
  store: Store,
  builds: Pair<ProvedBuild>,
  change: ProvedChange,
  options: LongOptions,
): Promise<ProvedDifference> {
  return new Trace(store, builds, options).of({ stage: Math.max(...builds[0].stages.keys()), change }, true);
}

class Trace {
  private readonly store: Store;
  private readonly builds: Pair<ProvedBuild>;
  private readonly options: LongOptions;

  constructor(store: Store, builds: Pair<ProvedBuild>, options: LongOptions) {
    this.store = store;
    this.builds = builds;
    this.options = options;
  }

  async of(found: Found, isImage: boolean): Promise<ProvedDifference> {
    const step = this.stepOf(found);
    const origin = step && (await this.copiedFrom(step, found));
    const own = placeOf(found, step, isImage);
    if (origin !== undefined) {
      const { copies = [], ...made } = await this.of(origin, false);
      return { ...made, copies: [own, ...copies] };
    }
    const before = step?.keyword === 'RUN' ? await this.foundBefore(step, found) : undefined;
    const earlier = before && (await this.of(before, false));
    return { ...found.change, ...own, ...(earlier && { earlier }) };
  }

  /** Where a base that moved has more layers or fewer, the same place is the base's in one build alone. */
  private stepOf({ stage, change: { layer } }: Found): BuildStep | undefined {
    if (layer === undefined) return undefined;
    const steps = this.builds.flatMap((build) => stepOfLayer(build, stage, layer) ?? []);
    return steps.find(({ keyword }) => keyword === 'FROM') ?? steps[0];
  }

  /** Where the COPY took the entry from; undefined when both stages have the same there. */
  private async copiedFrom(step: BuildStep, { stage, change }: Found): Promise<Found | undefined> {
    const entry = this.builds
      .map(({ copied }) => copied.get(step.id)?.get(`/${change.path ?? ''}`))
      .find((copied) => copied !== undefined);
    if (entry === undefined) return undefined;
    const origin = await findAtPath(this.store, this.stacksOf(entry.stage), entry.source, this.options);
    const found = origin && { stage: entry.stage, change: origin };
    return found && isBefore(found, { stage, change }) ? found : undefined;
  }

  /** What differed already when the RUN began: below it in its stage, or in a stage that its mounts showed it. */
  private async foundBefore(step: BuildStep, { stage, change }: Found): Promise<Found | undefined> {
    const [before, after] = this.stacksOf(stage);
    const below = change.layer ?? 0;
    const under = await compareStacks(
      this.store,
      before.slice(0, below),
      after.slice(0, below),
      this.options,
    );
    if (under !== undefined) return { stage, change: under };
    for (const mounted of this.builds[0].mounted.get(step.id) ?? []) {
      const stacks = this.stacksOf(mounted.stage);
      const shown = await findBelowPath(this.store, stacks, mounted.source, this.options);
      const found = shown && { stage: mounted.stage, change: shown };
      if (found && isBefore(found, { stage, change })) return found;
    }
    return undefined;
  }

  private stacksOf(stage: number): Pair<ProvedBuild['image']['layers']> {
    const [first, second] = this.builds;
    return [first.stages.get(stage)?.layers ?? [], second.stages.get(stage)?.layers ?? []];
  }
}

function isBefore(a: Found, b: Found): boolean {
  return a.stage < b.stage || (a.stage === b.stage && (a.change.layer ?? 0) < (b.change.layer ?? 0));
}

function placeOf({ change }: Found, step: BuildStep | undefined, isImage: boolean): ProvedPlace {
  const { layer, path } = change;
  return {
    ...(layer !== undefined && { layer }),
    ...(path !== undefined && { path }),
    ...(step && { instruction: step.instruction, location: step.location }),
    ...(step && !isImage && { stage: step.stage }),
  };
}
