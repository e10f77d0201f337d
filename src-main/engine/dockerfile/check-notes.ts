import type { EngineError } from '../../contract/errors.ts';
import type { RuleMention } from './check-options.ts';
import { ALL_CHECKS } from './checks/all-checks.ts';
import { didYouMean } from './did-you-mean.ts';
import { dockerfileError } from './dockerfile-error.ts';
import type { Dockerfile, Stage } from './dockerfile.ts';
import { findCopySource } from './find-stage.ts';
import type { Word } from './instruction.ts';
import { nearest } from './nearest.ts';

const RULES = ALL_CHECKS.map((check) => check.name);
/** In a shorter name two letters make another word. */
const LEAST_LENGTH = 5;

function noteRule({ name, location }: RuleMention): EngineError | undefined {
  if (RULES.includes(name)) return undefined;
  const hint = 'The rules are listed at https://docs.docker.com/reference/build-checks/.';
  return dockerfileError(`no check is called ${name}`, location, didYouMean(name, RULES, location, hint));
}

/** A name that is nearly an earlier stage's, and is that of an image when it is taken at its word. */
function noteSource({ text, location }: Word, stages: readonly Stage[]): EngineError | undefined {
  const names = stages.map((stage) => stage.name).filter((name) => name !== undefined);
  const isPlain = /^[\w-]+$/.test(text) && text.length >= LEAST_LENGTH;
  if (!isPlain || nearest(text.toLowerCase(), names) === undefined) return undefined;
  const help = didYouMean(text.toLowerCase(), names, location);
  return dockerfileError(`no stage is called ${text}: it is taken for an image`, location, help);
}

function noteStage(stage: Stage, stages: readonly Stage[]): readonly (EngineError | undefined)[] {
  return stage.instructions.map((instruction) => {
    const from = instruction.kind === 'copy' ? instruction.from : undefined;
    if (from === undefined || findCopySource(stages, from.text) !== undefined) return undefined;
    return noteSource(from, stages.slice(0, stage.index));
  });
}

/** What BuildKit takes as it is and what is most likely not meant: unknown rules, and stage names with a slip. */
export function checkNotes(dockerfile: Dockerfile, rules: readonly RuleMention[]): readonly EngineError[] {
  const { stages } = dockerfile;
  const notes = [...rules.map(noteRule), ...stages.flatMap((stage) => noteStage(stage, stages))];
  return notes.filter((note) => note !== undefined);
}
