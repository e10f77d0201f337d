import type { BuildResult } from '../../contract/builds-api.ts';
import type { Explainer } from './explain/explainer.ts';
import type { BuildPlan } from './plan/planned-stage.ts';

/** The images that a build takes from elsewhere, each name once, in the order of the stages that name them. */
export function listBases(plan: BuildPlan, movedFrom: Explainer['movedFrom']): BuildResult['bases'] {
  const stages = Array.from(plan.stages.values()).sort((a, b) => a.index - b.index);
  const bases = new Map<string, BuildResult['bases'][number]>();
  for (const { base, sources } of stages) {
    for (const source of [base, ...sources.values()]) {
      if (source.kind !== 'image') continue;
      const { reference: name, digest } = source;
      const before = movedFrom(name, digest);
      bases.set(`${name} ${digest}`, { name, digest, ...(before === undefined ? {} : { before }) });
    }
  }
  return [...bases.values()];
}
