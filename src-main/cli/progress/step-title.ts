import type { BuildStep } from '../../contract/builds-api.ts';
import { cleanText } from '../format/clean-text.ts';

/** `[2/4] COPY . .`, with the stage's name where there is more than one or it has a name: `[build 2/4] …`. */
export function stepTitle(step: BuildStep, severalStages: boolean): string {
  return `[${stageName(step.stage, severalStages)}${step.position}/${step.total}] ${firstLine(step.instruction)}`;
}

/** True when a plan's steps are of more than one stage. */
export function hasSeveralStages(steps: readonly BuildStep[]): boolean {
  return new Set(steps.map((step) => step.stage)).size > 1;
}

function stageName(stage: string, severalStages: boolean): string {
  if (!/^\d+$/.test(stage)) return `${stage} `;
  return severalStages ? `stage-${stage} ` : '';
}

function firstLine(instruction: string): string {
  const [first = '', ...rest] = instruction.split('\n');
  return cleanText(rest.length === 0 ? first : `${first} …`);
}
