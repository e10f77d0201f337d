import type { BuildStep } from '../../contract/builds-api.ts';
import { isStep } from './plan/plan-build.ts';
import type { BuildPlan, PlannedStage } from './plan/planned-stage.ts';

/** The steps of a plan, stage by stage, counted as BuildKit counts them: what has a base or makes a layer. */
export function listSteps(plan: BuildPlan): BuildStep[] {
  const stages = Array.from(plan.stages.values()).sort((a, b) => a.index - b.index);
  return stages.flatMap(stageSteps);
}

function stageSteps(stage: PlannedStage): BuildStep[] {
  const name = stage.name ?? String(stage.index);
  const base = baseStep(stage, name);
  const steps = stage.instructions
    .filter(({ instruction }) => isStep(instruction))
    .map(({ instruction, location, step, isTrigger }) => ({
      id: step,
      stage: name,
      instruction: `${isTrigger ? 'ONBUILD ' : ''}${instruction.original}`,
      keyword: instruction.kind.toUpperCase(),
      location,
    }));
  const all = [...base, ...steps];
  return all.map((step, index) => ({ ...step, position: index + 1, total: all.length }));
}

function baseStep(stage: PlannedStage, name: string): Omit<BuildStep, 'position' | 'total'>[] {
  const { base, index, location } = stage;
  if (base.kind !== 'image' && base.kind !== 'folder') return [];
  const from = base.kind === 'image' ? base.reference : base.name;
  return [{ id: `${index}.0`, stage: name, instruction: `FROM ${from}`, keyword: 'FROM', location }];
}
