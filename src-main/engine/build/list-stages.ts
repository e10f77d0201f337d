import type { RecordedStage } from '../../contract/build-records-api.ts';
import type { Dockerfile, Stage } from '../dockerfile/dockerfile.ts';
import { findBaseStage } from '../dockerfile/find-stage.ts';
import { findReferencedStage, sourceReferences } from '../dockerfile/source-references.ts';
import type { StageInstruction } from '../dockerfile/instruction.ts';
import type { Explainer } from './explain/explainer.ts';
import type { BuildPlan, StageSource } from './plan/planned-stage.ts';
import { sourceKey } from './plan/plan-build.ts';

type Need = RecordedStage['needs'][number];

/**
 * Every stage of the file with what it needs: as the plan has resolved it, else as far as the text alone tells.
 * `movedFrom` knows what a name stood for in the build before.
 */
export function listStages(
  { stages }: Dockerfile,
  plan: BuildPlan,
  movedFrom: Explainer['movedFrom'],
): RecordedStage[] {
  return stages.map((stage) => {
    const planned = plan.stages.get(stage.index);
    return {
      index: stage.index,
      ...(stage.name === undefined ? {} : { name: stage.name }),
      base: nameBase(stage, planned?.base, movedFrom),
      needs: distinct([
        ...baseNeeds(stage, stages, planned?.base),
        ...(planned?.instructions ?? stage.instructions.map((instruction) => ({ instruction }))).flatMap(
          ({ instruction }) => sourceNeeds(instruction, stages, planned?.sources),
        ),
      ]),
      isNeeded: planned !== undefined,
      isTarget: plan.target.index === stage.index,
      location: stage.from.location,
    };
  });
}

function nameBase(
  stage: Stage,
  base: StageSource | undefined,
  movedFrom: Explainer['movedFrom'],
): RecordedStage['base'] {
  if (base?.kind !== 'image') return { name: stage.from.image.text };
  const { reference: name, digest } = base;
  const before = movedFrom(name, digest);
  return { name, digest, ...(before === undefined ? {} : { before }) };
}

function baseNeeds(stage: Stage, stages: readonly Stage[], base: StageSource | undefined): Need[] {
  const written = base ?? findBaseStage(stages, stage.index, stage.from.image.text);
  const isStage = written !== undefined && (!('kind' in written) || written.kind === 'stage');
  return isStage && 'index' in written ? [{ stage: written.index, by: 'from' }] : [];
}

function sourceNeeds(
  instruction: StageInstruction,
  stages: readonly Stage[],
  sources: ReadonlyMap<string, StageSource> | undefined,
): Need[] {
  const by = instruction.kind === 'run' ? 'mount' : 'copy';
  return sourceReferences(instruction).flatMap((reference): Need[] => {
    const resolved = sources?.get(sourceKey(instruction.kind, reference.from));
    if (resolved?.kind === 'stage') return [{ stage: resolved.index, by }];
    const written = sources === undefined ? findReferencedStage(stages, reference) : undefined;
    return written === undefined ? [] : [{ stage: written.index, by }];
  });
}

function distinct(needs: readonly Need[]): Need[] {
  return needs.filter(
    (need, at) => needs.findIndex(({ stage, by }) => stage === need.stage && by === need.by) === at,
  );
}
