import type { BuildStep } from '../../../contract/builds-api.ts';
import type { ProvedBuild } from './build-once.ts';

/**
 * The step that made a layer of a stage, counted from the bottom: the stage's own layers are the topmost of its stack,
 * one a step, and the others are those of its base, which may be an earlier stage. The FROM for what an image brought.
 */
export function stepOfLayer(build: ProvedBuild, stage: number, layer: number): BuildStep | undefined {
  const ended = build.stages.get(stage);
  if (ended === undefined) return undefined;
  const own = build.steps.filter(({ id }) => stageOf(id) === stage && build.layers.has(id));
  const below = ended.layers.length - own.length;
  if (layer >= below) return own[layer - below];
  if (ended.base.kind === 'stage') return stepOfLayer(build, ended.base.index, layer);
  return build.steps.find(({ id }) => id === `${stage}.0`);
}

function stageOf(step: string): number {
  return Number.parseInt(step, 10);
}
