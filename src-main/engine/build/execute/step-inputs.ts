import type { StepInputs } from '../explain.ts';
import type { StageState } from '../stage-state.ts';
import type { InstructionContext } from './instruction-context.ts';

/** The build arguments that a stage has declared, with what a step sees as their value. */
export function argumentsOf(state: StageState): Record<string, string> {
  return Object.fromEntries(state.args.map(({ name, value }) => [name, state.env.get(name) ?? value ?? '']));
}

/** The base image, for steps of a stage that starts from one. */
export function baseOf({ stage }: InstructionContext): Pick<StepInputs, 'base'> {
  if (stage.base.kind !== 'image') return {};
  return { base: { name: stage.base.reference, digest: stage.base.image.descriptor.digest } };
}
