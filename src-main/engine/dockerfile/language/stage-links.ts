import type { Dockerfile, Stage } from '../dockerfile.ts';
import type { Environment } from '../expand-word.ts';
import { findStage } from '../find-stage.ts';
import { neededStages } from '../needed-stages.ts';
import { expandOr } from './expand-or.ts';

/** The name of a stage's base with its variables replaced; as it is written where they cannot be. */
export function baseName(dockerfile: Dockerfile, stage: Stage, globals: Environment): string {
  const { text } = stage.from.image;
  return expandOr(text, globals, dockerfile.escape, text);
}

/** The platform that a stage's FROM asks for. */
export function basePlatform(dockerfile: Dockerfile, stage: Stage, globals: Environment): string | undefined {
  const { platform } = stage.from;
  return platform === undefined ? undefined : expandOr(platform, globals, dockerfile.escape, platform);
}

/** For each stage, the index of the stage that it is built on, if it is one of this file. */
export function baseStages(dockerfile: Dockerfile, globals: Environment): readonly (number | undefined)[] {
  const last = new Map<string, number>();
  return dockerfile.stages.map((stage) => {
    const base = last.get(baseName(dockerfile, stage, globals));
    if (stage.name !== undefined) last.set(stage.name, stage.index);
    return base;
  });
}

/** Finds the stage that `from` of an instruction means: COPY counts stages too. */
export type FindStage = (instruction: string, from: string) => Stage | undefined;

/** The same answers as `findCopySource` and `findStage`, for a file that asks often. */
export function stageFinder({ stages }: Dockerfile): FindStage {
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  return (instruction, from) => {
    if (instruction === 'copy' && /^[+-]?\d+$/.test(from)) return stages[Number(from)];
    return byName.get(from.toLowerCase());
  };
}

/** The stages that a build of `target` needs, itself among them; the last stage unless a target is found. */
export function neededForTarget(
  dockerfile: Dockerfile,
  target: string | undefined,
  globals: Environment,
): ReadonlySet<number> {
  const { stages } = dockerfile;
  const named = target === undefined || target === '' ? undefined : findStage(stages, target);
  const last = named ?? stages.at(-1);
  const froms = stages.map((stage) => ({ stage, image: { text: baseName(dockerfile, stage, globals) } }));
  return last === undefined ? new Set() : neededStages(froms, last);
}
