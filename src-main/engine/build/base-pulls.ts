import type { BuildEvent, BuildStep } from '../../contract/builds-api.ts';
import type { Digest, Platform, TransferProgress } from '../../contract/oci-types.ts';
import type { Stage } from '../dockerfile/dockerfile.ts';
import type { Image } from '../image/image.ts';
import { formatPlatform } from '../oci/platform.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import type { BuildDeps } from './build-run.ts';
import { openBase, type NamedBase, type OpenedBase } from './open-base.ts';
import { isStep } from './plan/plan-build.ts';

interface OpenOptions {
  readonly signal: AbortSignal;
  /** The stage whose FROM names it. */
  readonly stage?: Stage | undefined;
}

/** An image whose layers are on their way. */
interface Pull {
  readonly done: Promise<void>;
  readonly wasHere: boolean;
  readonly listeners: Set<(progress: TransferProgress) => void>;
  /** The step that tells of it as its own work. */
  step: string | undefined;
}

export interface BasePullsOptions {
  readonly deps: BuildDeps;
  /** `--pull`: the registry is asked also for what is here. */
  readonly pull: boolean;
  /** Ends with the build. */
  readonly signal: AbortSignal;
  readonly emit: (event: BuildEvent) => void;
  readonly protect: (digests: readonly Digest[]) => void;
}

/**
 * The images that a build names. A name stands for one image throughout the build, whatever happens to its tag
 * meanwhile. What an image says of itself is there when it is open; its layers come while other work goes on, and only
 * who needs them waits for them. One that has to be pulled is a step that runs already while the build is planned: it
 * is told of in a plan of its own that has no other steps yet.
 */
export class BasePulls {
  private readonly options: BasePullsOptions;
  private readonly pins = new Map<string, Promise<Digest>>();
  private readonly opened = new Map<string, Promise<OpenedBase>>();
  private readonly pulls = new Map<Digest, Pull>();
  private readonly begun = new Map<string, number>();
  private readonly steps: BuildStep[] = [];

  constructor(options: BasePullsOptions) {
    this.options = options;
  }

  /** When a FROM began, if it did while the build was planned: in milliseconds since 1970. */
  began(step: string): number | undefined {
    return this.begun.get(step);
  }

  /** Each name and platform once. */
  open(name: string, platform: Platform, options: OpenOptions): Promise<OpenedBase> {
    const key = `${formatPlatform(platform)} ${name}`;
    const opening = this.opened.get(key) ?? this.openPinned(name, platform, options);
    this.opened.set(key, opening);
    return opening;
  }

  /** Waits until an image's layers are here, and tells `step` how far they are. Answers whether it pulled them. */
  async bring({ descriptor }: Image, step: string): Promise<boolean> {
    const pull = this.pulls.get(descriptor.digest);
    if (pull === undefined) return false;
    const report = this.report(step);
    pull.listeners.add(report);
    pull.step ??= step;
    try {
      await pull.done;
    } finally {
      pull.listeners.delete(report);
    }
    return !pull.wasHere && pull.step === step;
  }

  /** Waits for what still comes, so that nothing of the build outlives it. */
  async settle(): Promise<void> {
    await Promise.allSettled(Array.from(this.pulls.values(), ({ done }) => done));
  }

  /** The first to ask for a tag decides what it is; who wants it for another platform takes the same. */
  private async openPinned(name: string, platform: Platform, options: OpenOptions): Promise<OpenedBase> {
    const reference = parseReference(name);
    const tag = formatReference(reference);
    const pinned = await this.pins.get(tag)?.catch(() => undefined);
    const wanted = { ...reference, digest: reference.digest ?? pinned };
    const opening = this.openReported({ name, reference: wanted }, platform, options);
    const pin = opening.then(({ digest }) => digest);
    // Who waits for the image meets the error.
    pin.catch(() => undefined);
    if (pinned === undefined) this.pins.set(tag, pin);
    return opening;
  }

  private async openReported(
    { name, reference }: NamedBase,
    platform: Platform,
    { signal, stage }: OpenOptions,
  ): Promise<OpenedBase> {
    const { deps, pull, protect } = this.options;
    const step = stage === undefined ? undefined : fromStep(stage, name);
    try {
      const onAsk = step === undefined ? undefined : () => this.begin(step, reference.registry);
      const base = await openBase(deps, { name, reference }, platform, { signal, pull, protect, onAsk });
      this.start(base, step?.id);
      return base;
    } catch (error) {
      if (step !== undefined) this.fail(step.id, signal.aborted ? 'cancelled' : 'failed');
      throw error;
    }
  }

  private start({ image, wasHere, pull }: OpenedBase, step: string | undefined): void {
    const { digest } = image.descriptor;
    if (pull === undefined || this.pulls.has(digest)) return;
    const listeners: Pull['listeners'] = new Set();
    const onProgress = (progress: TransferProgress): void => listeners.forEach((tell) => tell(progress));
    const done = pull({ signal: this.options.signal, onProgress });
    // Who needs the layers meets the error.
    done.catch(() => undefined);
    this.pulls.set(digest, { done, wasHere, listeners, step });
    if (step !== undefined) listeners.add(this.report(step));
  }

  private report(step: string): (progress: TransferProgress) => void {
    return (progress) => this.options.emit({ type: 'step-progress', step, ...progress, what: 'pulling' });
  }

  private begin(step: BuildStep, registry: string): void {
    if (this.begun.has(step.id)) return;
    const { emit } = this.options;
    const now = this.now();
    this.begun.set(step.id, now);
    this.steps.push(step);
    emit({ type: 'plan', steps: [...this.steps] });
    emit({ type: 'step-start', step: step.id, at: new Date(now).toISOString() });
    emit({ type: 'step-progress', step: step.id, what: `asking ${registry}` });
  }

  private fail(step: string, outcome: 'cancelled' | 'failed'): void {
    const began = this.begun.get(step);
    if (began === undefined) return;
    const now = this.now();
    const at = new Date(now).toISOString();
    this.options.emit({ type: 'step-end', step, at, outcome, durationMs: now - began });
  }

  private now(): number {
    return this.options.deps.clock?.() ?? Date.now();
  }
}

/** As it will be in the plan, but for the triggers that the image may bring. */
function fromStep(stage: Stage, name: string): BuildStep {
  return {
    id: `${stage.index}.0`,
    stage: stage.name ?? String(stage.index),
    position: 1,
    total: 1 + stage.instructions.filter(isStep).length,
    instruction: `FROM ${name}`,
    keyword: 'FROM',
    location: stage.from.location,
  };
}
