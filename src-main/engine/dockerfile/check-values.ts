import { EngineError, isEngineError } from '../../contract/errors.ts';
import { dockerfileError } from './dockerfile-error.ts';
import type { EvaluatedInstruction } from './evaluate-stage.ts';
import { nearest } from './nearest.ts';
import { parseChmod } from './parse-chmod.ts';
import { parseChown } from './parse-chown.ts';
import { parseExpose } from './parse-expose.ts';
import { parseMount } from './parse-mount.ts';
import { SIGNAL_NAMES, parseSignal } from './parse-signal.ts';

/** Values that are only understood when a build comes to them: looked at early where no variable is in them. */

type Copy = Extract<EvaluatedInstruction['instruction'], { kind: 'copy' | 'add' }>;

function isConstant(text: string | undefined): text is string {
  return text !== undefined && text !== '' && !/[$"'\\`]/.test(text);
}

function* checkCopy(instruction: Copy): Generator<EngineError> {
  const { chmod, chown, flags, location } = instruction;
  const flagLocation = (name: string) => flags.find((flag) => flag.name === name)?.location ?? location;
  if (isConstant(chmod) && parseChmod(chmod) === undefined) {
    const hint = 'Write an octal number up to 7777, or symbols like u=rwX,go=rX.';
    yield dockerfileError(`invalid --chmod ${chmod}`, flagLocation('chmod'), hint);
  }
  if (isConstant(chown) && parseChown(chown) === undefined) {
    yield dockerfileError(`invalid --chown ${chown}`, flagLocation('chown'), 'Write user, or user:group.');
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
  const upper = word.text.toUpperCase();
  const likely = nearest(upper.startsWith('SIG') ? upper : `SIG${upper}`, SIGNAL_NAMES);
  const hint = likely === undefined ? 'Write a name like SIGTERM, or a number.' : `Did you mean ${likely}?`;
  yield dockerfileError(`invalid signal: ${word.text}`, word.location, hint);
}

/** The error that `compute` throws, at a place. */
function caught(compute: () => unknown, location: EngineError['location']): readonly EngineError[] {
  try {
    compute();
    return [];
  } catch (error) {
    if (!isEngineError(error)) throw error;
    const at = error.location ?? location;
    return [new EngineError('DOCKERFILE', error.message, { hint: error.hint, location: at, cause: error })];
  }
}

/** What would stop a build at this instruction, as far as the text alone tells. */
export function* checkValues(evaluated: EvaluatedInstruction): Generator<EngineError> {
  const { instruction, words } = evaluated;
  if (instruction.kind === 'copy' || instruction.kind === 'add') yield* checkCopy(instruction);
  if (instruction.kind === 'stopsignal') yield* checkSignal(evaluated);
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
