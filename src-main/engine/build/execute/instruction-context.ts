import type { SourceLocation } from '../../../contract/errors.ts';
import { expandWord } from '../../dockerfile/expand-word.ts';
import { locateError } from '../plan/locate-error.ts';
import type { PlannedStage } from '../plan/planned-stage.ts';
import type { BuildRun } from '../build-run.ts';
import type { StageState } from '../stage-state.ts';

/** What an instruction's execution knows beside the state. */
export interface InstructionContext {
  readonly run: BuildRun;
  readonly stage: PlannedStage;
  /** The id of the step that the instruction is, if it makes a layer. */
  readonly step: string;
}

/** A word with the variables of the state; what is wrong with it is placed at `location`. */
export function expandIn(
  context: InstructionContext,
  state: StageState,
  word: string,
  location: SourceLocation,
): string {
  const { escape } = context.run;
  return locateError(location, () => expandWord(word, state.env, { escape }));
}
