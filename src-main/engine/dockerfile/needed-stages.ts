import { isEngineError } from '../../contract/errors.ts';
import type { Stage } from './dockerfile.ts';
import { findBaseStage } from './find-stage.ts';
import type { StageInstruction } from './instruction.ts';
import { parseTrigger } from './parse-trigger.ts';
import { findReferencedStage, sourceReferences } from './source-references.ts';

/** A stage and the name of its base, variables expanded; undefined when it cannot be expanded. */
export interface NamedBase {
  readonly stage: Stage;
  readonly image: { readonly text: string } | undefined;
}

/** The stages that an instruction reads from. */
function sourcesOf(instruction: StageInstruction, stages: readonly Stage[]): readonly Stage[] {
  return sourceReferences(instruction)
    .map((reference) => findReferencedStage(stages, reference))
    .filter((stage) => stage !== undefined);
}

/** What the base's ONBUILD instructions become in `stage`, without those that do not parse. */
function triggersOf(base: Stage, stage: Stage): readonly StageInstruction[] {
  return base.instructions.flatMap((instruction) => {
    if (instruction.kind !== 'onbuild') return [];
    try {
      return [parseTrigger(instruction.trigger, stage.from.location)];
    } catch (error) {
      if (isEngineError(error)) return [];
      throw error;
    }
  });
}

/**
 * The first stages that read from each other in a circle, by copies and mounts: a stage can be its own source. The
 * stage that a stage is made on is always an earlier one.
 */
export function findCircle(stages: readonly Stage[]): readonly number[] | undefined {
  const done = new Set<number>();
  for (const stage of stages) {
    const circle = circleFrom(stage, stages, done);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/** Goes down every source with a stack of its own: a file may have more stages than the machine's stack holds. */
function circleFrom(
  first: Stage,
  stages: readonly Stage[],
  done: Set<number>,
): readonly number[] | undefined {
  const path: { readonly stage: Stage; readonly sources: Stage[] }[] = [];
  const enter = (stage: Stage): void => {
    path.push({ stage, sources: stage.instructions.flatMap((one) => sourcesOf(one, stages)) });
  };
  if (!done.has(first.index)) enter(first);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    done.add(top.stage.index);
    const source = top.sources.shift();
    const start = path.findIndex(({ stage }) => stage === source);
    if (start >= 0) return path.slice(start).map(({ stage }) => stage.index);
    if (source !== undefined && !done.has(source.index)) enter(source);
    else if (top.sources.length === 0) path.pop();
  }
  return undefined;
}

/** The indices of the stages that `target` is made of: itself, its bases and what they copy from or mount. */
export function neededStages(froms: readonly NamedBase[], target: Stage): ReadonlySet<number> {
  const stages = froms.map(({ stage }) => stage);
  const needed = new Set<number>();
  const open = [target];
  for (let stage = open.pop(); stage !== undefined; stage = open.pop()) {
    if (needed.has(stage.index)) continue;
    needed.add(stage.index);
    const image = froms[stage.index]?.image?.text;
    const base = image === undefined ? undefined : findBaseStage(stages, stage.index, image);
    const triggers = base === undefined ? [] : triggersOf(base, stage);
    const sources = [...triggers, ...stage.instructions].flatMap((one) => sourcesOf(one, stages));
    open.push(...(base === undefined ? [] : [base]), ...sources);
  }
  return needed;
}
