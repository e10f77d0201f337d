import { isEngineError, type EngineError, type SourceLocation } from '../../contract/errors.ts';
import { dockerfileError, placedError } from './dockerfile-error.ts';
import type { EvaluatedInstruction } from './evaluate-stage.ts';
import { parseChmod } from './parse-chmod.ts';
import { parseChown } from './parse-chown.ts';
import { parseExpose } from './parse-expose.ts';
import { parseMount } from './parse-mount.ts';
import { parseSignal, signalError } from './parse-signal.ts';
import { flagValueLocation } from './flag-value-location.ts';

/** Values that are only understood when a build comes to them: looked at early where no variable is in them. */

type Copy = Extract<EvaluatedInstruction['instruction'], { kind: 'copy' | 'add' }>;

function isConstant(text: string | undefined): text is string {
  return text !== undefined && text !== '' && !/[$"'\\`]/.test(text);
}

function* checkCopy(instruction: Copy): Generator<EngineError> {
  const { chmod, chown } = instruction;
  if (isConstant(chmod) && parseChmod(chmod) === undefined) {
    const hint = 'Write an octal number up to 7777, or symbols like u=rwX,go=rX.';
    yield dockerfileError(`invalid --chmod ${chmod}`, flagValueLocation(instruction, 'chmod'), hint);
  }
  if (isConstant(chown) && parseChown(chown) === undefined) {
    const location = flagValueLocation(instruction, 'chown');
    yield dockerfileError(`invalid --chown ${chown}`, location, 'Write user, or user:group.');
  }
  const url = instruction.sources.find(
    (source) => source.type === 'path' && /^https?:\/\//.test(source.text),
  );
  if (instruction.kind === 'copy' && url !== undefined) {
    yield dockerfileError(
      'COPY cannot take a URL as its source',
      url.location,
      'Use ADD for files from the network.',
    );
  }
}

function* checkSignal({ words }: EvaluatedInstruction): Generator<EngineError> {
  const [word] = words;
  if (word === undefined || word.unset.size > 0 || parseSignal(word.text) !== undefined) return;
  yield signalError(word.text, word.location);
}

/** The error that `compute` throws, at a place. */
function caught(compute: () => unknown, location: SourceLocation): readonly EngineError[] {
  try {
    compute();
    return [];
  } catch (error) {
    if (!isEngineError(error)) throw error;
    return [placedError(error, location)];
  }
}

function* checkVolume({ words }: EvaluatedInstruction): Generator<EngineError> {
  const empty = words.find(({ text, unset }) => text === '' && unset.size === 0);
  if (empty !== undefined) yield dockerfileError('VOLUME cannot be an empty path', empty.location);
}

/** What would stop a build at this instruction, as far as the text alone tells. */
export function* checkValues(evaluated: EvaluatedInstruction): Generator<EngineError> {
  const { instruction, words } = evaluated;
  if (instruction.kind === 'copy' || instruction.kind === 'add') yield* checkCopy(instruction);
  if (instruction.kind === 'stopsignal') yield* checkSignal(evaluated);
  if (instruction.kind === 'volume') yield* checkVolume(evaluated);
  if (instruction.kind === 'expose') {
    for (const word of words.filter(({ unset }) => unset.size === 0)) {
      yield* word.words.flatMap((port) => caught(() => parseExpose(port), word.location));
    }
  }
  if (instruction.kind !== 'run') return;
  for (const mount of instruction.mounts) {
    const constant = mount.fields.every(
      ({ value }) => value === undefined || value === '' || isConstant(value),
    );
    if (constant) yield* caught(() => parseMount(mount, (value) => value), mount.location);
  }
}
