import { EngineError } from '../../../contract/errors.ts';
import { volumeHistory } from '../../dockerfile/history-text.ts';
import type { VolumeInstruction } from '../../dockerfile/instruction.ts';
import { withMetadata, type StageState } from '../stage-state.ts';
import { expandIn, type InstructionContext } from './instruction-context.ts';

export function executeVolume(
  context: InstructionContext,
  state: StageState,
  instruction: VolumeInstruction,
): StageState {
  const paths = instruction.paths.map((path) => expandIn(context, state, path.text, path.location));
  const empty = instruction.paths[paths.indexOf('')];
  if (empty !== undefined) {
    throw new EngineError('DOCKERFILE', 'VOLUME has an empty path', {
      hint: 'Give the variable a value, or write the path.',
      location: empty.location,
    });
  }
  const added = Object.fromEntries(paths.map((path) => [path, {}]));
  return withMetadata(state, { Volumes: { ...state.config.Volumes, ...added } }, volumeHistory(paths));
}
