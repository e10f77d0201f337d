import type { BuildEvent, BuildStep } from '../../contract/builds-api.ts';
import type { Platform, TransferProgress } from '../../contract/oci-types.ts';
import type { Stage } from '../dockerfile/dockerfile.ts';
import type { Image } from '../image/image.ts';
import type { BuildDeps } from './build-run.ts';
import { openBase } from './open-base.ts';
import { isStep } from './plan/plan-build.ts';

/**
 * Opens base images while a build is planned. One that has to be pulled is a step that runs already: it is told of
 * before the plan is made, in a plan of its own that has no other steps yet.
 */
export class BasePulls {
  private readonly deps: BuildDeps;
  private readonly emit: (event: BuildEvent) => void;
  private readonly pulling = new Map<string, number>();
  private readonly steps: BuildStep[] = [];

  constructor(deps: BuildDeps, emit: (event: BuildEvent) => void) {
    this.deps = deps;
    this.emit = emit;
  }

  began(step: string): number | undefined {
    return this.pulling.get(step);
  }

  async open(
    name: string,
    platform: Platform,
    stage: Stage | undefined,
    signal: AbortSignal,
  ): Promise<Image> {
    if (stage === undefined) return openBase(this.deps, name, platform, { signal });
    const step = fromStep(stage, name);
    try {
      const onProgress = this.report(step);
      return await openBase(this.deps, name, platform, { signal, onProgress });
    } catch (error) {
      this.fail(step.id, signal.aborted ? 'cancelled' : 'failed');
      throw error;
    }
  }

  private report(step: BuildStep): (progress: TransferProgress) => void {
    return ({ layers: _, ...progress }) => {
      if (!this.pulling.has(step.id)) this.begin(step);
      this.emit({ type: 'step-progress', step: step.id, ...progress, what: 'pulling' });
    };
  }

  private begin(step: BuildStep): void {
    const now = this.now();
    this.pulling.set(step.id, now);
    this.steps.push(step);
    this.emit({ type: 'plan', steps: [...this.steps] });
    this.emit({ type: 'step-start', step: step.id, at: new Date(now).toISOString() });
  }

  private fail(step: string, outcome: 'cancelled' | 'failed'): void {
    const began = this.pulling.get(step);
    if (began === undefined) return;
    const now = this.now();
    const at = new Date(now).toISOString();
    this.emit({ type: 'step-end', step, at, outcome, durationMs: now - began });
  }

  private now(): number {
    return this.deps.clock?.() ?? Date.now();
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
