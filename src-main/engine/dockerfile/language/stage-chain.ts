import type { Dockerfile, Stage } from '../dockerfile.ts';
import type { Environment } from '../expand-word.ts';
import type { StageInstruction } from '../instruction.ts';
import { baseName, basePlatform, baseStages } from './stage-links.ts';

/** A stage with those that it is built on. */
export interface StageChain {
  /** From the bottom to the stage itself. */
  readonly stages: readonly Stage[];
  /** What the lowest stage is built on, as FROM comes to it. */
  readonly image: string;
  /** The platform that its FROM asks for. */
  readonly platform: string | undefined;
}

/** The last stage whose FROM is on the line or above it. */
export function stageOnLine({ stages }: Dockerfile, line: number): Stage | undefined {
  return stages.findLast(({ from }) => from.location.line <= line);
}

/** `globals` are the values that FROM sees. */
export function stageChain(dockerfile: Dockerfile, stage: Stage, globals: Environment): StageChain {
  const bases = baseStages(dockerfile, globals);
  const stages: Stage[] = [];
  for (let at: Stage | undefined = stage; at !== undefined; at = dockerfile.stages[bases[at.index] ?? -1]) {
    stages.push(at);
  }
  stages.reverse();
  const lowest = stages[0] ?? stage;
  return {
    stages,
    image: baseName(dockerfile, lowest, globals),
    platform: basePlatform(dockerfile, lowest, globals),
  };
}

/** The instructions of a chain up to a line of its last stage, in the order of a build. */
export function chainInstructions({ stages }: StageChain, line: number): readonly StageInstruction[] {
  return stages.flatMap((stage, position) => {
    const isLast = position === stages.length - 1;
    return stage.instructions.filter(({ location }) => !isLast || location.line < line);
  });
}
