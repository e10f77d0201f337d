import type { BuildRequest, Forecast, Reason } from '../../../contract/builds-api.ts';
import { isEngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { pushLayer } from '../../filetree/push-layer.ts';
import type { RootFs } from '../../filetree/root-fs.ts';
import { stackRootFs } from '../../filetree/stack-root-fs.ts';
import type { Toc } from '../../filetree/toc.ts';
import type { Image } from '../../image/image.ts';
import { digestOf } from '../../oci/digest.ts';
import type { LayerStack } from '../../sandbox/sandbox.ts';
import type { Store } from '../../store/store.ts';
import { wasParent } from '../cache/seen-steps.ts';
import type { LayerCache } from '../cache/layer-cache.ts';
import type { CacheMiss, Explainer } from '../explain/explainer.ts';
import type { LayerReader } from './layer-reader.ts';
import { isMissingImage, NOT_HERE } from './missing-image.ts';
import { withFinalKeys } from '../cache/final-keys.ts';
import { lookUp } from '../cache/look-up.ts';
import { whyUncached } from '../cache/why-uncached.ts';
import type { MadeLayer, StageState } from '../stage-state.ts';
import type { StepRecipe } from '../step-recipe.ts';
import type { StepForesight, StepPlace } from './step-foresight.ts';
import { Unforeseen } from './unforeseen.ts';

/** What is known of a root file system's key when it is not exact. */
type Uncertainty =
  /** It may be any: also one that the cache knows. */
  | 'open'
  /** It is none that a step was ever made on. */
  | 'new';

/** What a forecast looks things up in. */
export interface ForesightParts {
  readonly store: Store;
  readonly layers: LayerReader;
  /** The own cache, and those of others as far as they were looked into. */
  readonly cache: LayerCache;
  /** Whether a build may find steps in the caches of others that `cache` knows nothing of. */
  readonly mayImport: boolean;
  readonly explainer: Explainer;
  readonly request: BuildRequest;
}

type Outcome = Pick<Forecast['steps'][number], 'forecast' | 'why'>;

const BELOW: Reason = { kind: 'unknown', text: 'it depends on what an earlier step will give' };

/**
 * Takes the place of making in a forecast: the instructions evaluate their states and keys as in a build, and each
 * step is looked up and not made. Layers that are not there yet are known by their content where that can be told,
 * and by nothing else.
 */
export class Foresight implements StepForesight {
  readonly outcomes = new Map<string, Outcome>();
  private readonly parts: ForesightParts;
  private readonly uncertain = new Map<Digest, Uncertainty>();
  /** Layers that are not there, by what stands for their diff ID. */
  private readonly foreseen = new Map<Digest, Toc | undefined>();
  /** Steps that will run, by their own keys: equal work is done once, and by whom is not known. */
  private readonly running = new Map<Digest, RunningStep[]>();

  constructor(parts: ForesightParts) {
    this.parts = parts;
  }

  async layerStep(place: StepPlace, given: StepRecipe): Promise<MadeLayer> {
    const step = withFinalKeys(this.parts.request, given);
    const parent = this.parentOf(step);
    const looked = await this.look(place, step, parent);
    if ('made' in looked) {
      this.outcomes.set(place.step, { forecast: 'cached' });
      this.parts.explainer.end(place.step, {
        ...step.explain(),
        key: looked.key,
        content: looked.made.contentDigest,
      });
      return looked.made;
    }
    const toc = looked.key === undefined || parent !== undefined ? undefined : await this.tocOf(step);
    this.settle(place, step, looked, toc);
    return this.standIn(place.step, toc);
  }

  /** Notes how far the state after an instruction is known. */
  passed(before: StageState, after: StageState): void {
    if (after.key === before.key) return;
    const known = this.uncertain.get(before.key);
    const layer = after.layers.at(-1);
    const isExact = layer !== undefined && this.isKnown(layer);
    if (known === undefined && isExact) return;
    const isNew = known === 'new' || (known === undefined && !wasParent(this.parts.cache, before.key));
    this.uncertain.set(after.key, isNew ? 'new' : 'open');
  }

  /** The state after a step of which nothing is known but why. */
  unforeseen(step: string, state: StageState, { message }: Unforeseen): StageState {
    const isNew = this.uncertain.get(state.key) === 'new';
    this.outcomes.set(step, { forecast: 'unknown', why: { kind: 'unknown', text: message } });
    const { layer, contentDigest } = this.standIn(step, undefined);
    const key = digestOf(`${state.key} ${contentDigest}`);
    this.uncertain.set(key, isNew ? 'new' : 'open');
    return { ...state, layers: [...state.layers, layer], key };
  }

  async baseKey(step: string, image: Image, compute: () => Promise<Digest>): Promise<Digest> {
    const isHere = !isMissingImage(image);
    const text = this.parts.request.pull ? 'a build asks its registry what it is now (--pull)' : NOT_HERE;
    const why: Reason = { kind: 'unknown', text };
    this.outcomes.set(step, isHere ? { forecast: 'cached' } : { forecast: 'unknown', why });
    try {
      if (isHere) return await compute();
    } catch (error) {
      if (!isUnforeseen(error)) throw error;
    }
    const key = digestOf(`unforeseen ${step}`);
    this.uncertain.set(key, 'open');
    return key;
  }

  isCertain(key: Digest): boolean {
    return !this.uncertain.has(key);
  }

  /** The stack with the layers that are not there yet; Unforeseen when one of them is not known. */
  async rootFs(layers: LayerStack): Promise<RootFs> {
    const first = layers.findIndex(({ diffId }) => this.foreseen.has(diffId));
    const made = first < 0 ? layers : layers.slice(0, first);
    for (const layer of made) await this.contentOf(layer);
    let rootFs = await stackRootFs(this.parts.store, made);
    for (const layer of layers.slice(made.length)) {
      rootFs = pushLayer(rootFs, { ...layer, toc: await this.tocOfLayer(layer) });
    }
    return rootFs;
  }

  async contentOf(layer: LayerStack[number]): Promise<Digest> {
    return (await this.tocOfLayer(layer)).contentDigest;
  }

  private tocOfLayer(layer: LayerStack[number]): Promise<Toc> {
    const toc = this.foreseen.get(layer.diffId);
    if (toc !== undefined) return Promise.resolve(toc);
    if (this.foreseen.has(layer.diffId)) throw new Unforeseen(BELOW.text);
    return this.parts.layers.tocOf(layer);
  }

  requireMade(layers: LayerStack): void {
    if (layers.some(({ diffId }) => this.foreseen.has(diffId))) throw new Unforeseen(BELOW.text);
  }

  /** The key of a reproducible step has the very layers below it, with their times. */
  private parentOf({ parent, layers }: StepRecipe): Uncertainty | undefined {
    const known = this.uncertain.get(parent);
    if (known !== undefined || !this.parts.request.reproducible) return known;
    return layers.some(({ diffId }) => this.foreseen.has(diffId)) ? 'open' : undefined;
  }

  private async look(place: StepPlace, step: StepRecipe, parent: Uncertainty | undefined): Promise<Looked> {
    const uncached = whyUncached(this.parts.request, place.stage);
    if (parent === undefined && uncached === undefined) {
      const { found, key } = await lookUp(this.parts.cache, step);
      if (typeof found !== 'string') return { made: found, key };
      return { miss: found, key: await keyOf(step) };
    }
    return { miss: uncached ?? 'missing', key: await keyOf(step) };
  }

  /** Decides what is said of a step that the cache does not have. */
  private settle(place: StepPlace, step: StepRecipe, { miss, key }: Missed, toc: Toc | undefined): void {
    const { explainer, cache } = this.parts;
    const explained = key === undefined ? { ...step.explain(), files: () => undefined } : step.explain();
    explainer.end(place.step, { ...explained, key: step.parent, content: toc?.contentDigest });
    const parent = this.parentOf(step);
    const uncached = miss === 'no-cache' || miss === 'no-cache-filter';
    const isNew = parent !== 'open' || (key !== undefined && !cache.hasSeen(step.ownKey()));
    const isSure = uncached || (isNew && !this.parts.mayImport);
    if (!isSure) return void this.outcomes.set(place.step, { forecast: 'unknown', why: BELOW });
    const why = explainer.reason(place.step, explained, key, miss);
    this.outcomes.set(place.step, { forecast: 'run', why });
    const ownKey = key === undefined ? (step.metadataKey ?? step.parent) : step.ownKey();
    this.noteRunning(ownKey, { id: place.step, key: parent === undefined ? key : undefined });
  }

  /** Of steps that may be equal one will run, and the others take what it made. */
  private noteRunning(ownKey: Digest, step: RunningStep): void {
    const others = this.running.get(ownKey) ?? [];
    this.running.set(ownKey, [...others, step]);
    const equal = others.filter(({ key }) => key === undefined || step.key === undefined || key === step.key);
    if (equal.length === 0) return;
    const why: Reason = { kind: 'unknown', text: 'an equal step may do its work' };
    const isElsewhere = ({ id }: RunningStep) => stageOf(id) !== stageOf(step.id);
    for (const { id } of [...equal.filter(isElsewhere), step]) {
      this.outcomes.set(id, { forecast: 'unknown', why });
    }
  }

  /** Undefined where it cannot be told; what a build would refuse is thrown. */
  private async tocOf(step: StepRecipe): Promise<Toc | undefined> {
    try {
      return await step.foresee?.();
    } catch (error) {
      if (isUnforeseen(error)) return undefined;
      throw error;
    }
  }

  private standIn(step: string, toc: Toc | undefined): MadeLayer {
    const unknown = digestOf(`unforeseen ${step}`);
    const diffId = toc?.diffId ?? unknown;
    this.foreseen.set(diffId, toc);
    const descriptor = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: diffId, size: 0 };
    return { layer: { descriptor, diffId }, contentDigest: toc?.contentDigest ?? unknown, created: '' };
  }

  private isKnown({ diffId }: LayerStack[number]): boolean {
    return !this.foreseen.has(diffId) || this.foreseen.get(diffId) !== undefined;
  }
}

interface RunningStep {
  readonly id: string;
  /** Undefined when it is not exact. */
  readonly key: Digest | undefined;
}

function stageOf(step: string): string {
  return step.slice(0, step.indexOf('.'));
}

interface Missed {
  readonly miss: CacheMiss;
  /** Undefined when too much would have to be read. */
  readonly key: Digest | undefined;
}

type Looked = Missed | { readonly made: MadeLayer; readonly key: Digest };

async function keyOf(step: StepRecipe): Promise<Digest | undefined> {
  try {
    return await step.contentKey();
  } catch (error) {
    if (isUnforeseen(error)) return undefined;
    throw error;
  }
}

/** A file of an unknown layer, whose bytes are nowhere yet, is not there to be read either. */
function isUnforeseen(error: unknown): boolean {
  return error instanceof Unforeseen || isEngineError(error, 'NOT_FOUND');
}
