import type { SourceLocation } from '../../contract/errors.ts';
import { suggest } from './did-you-mean.ts';
import { dockerfileError } from './dockerfile-error.ts';
import type { Instruction, InstructionKind } from './instruction.ts';
import { parseAdd } from './instructions/add.ts';
import { parseArg } from './instructions/arg.ts';
import { parseCmd } from './instructions/cmd.ts';
import { parseCopy } from './instructions/copy.ts';
import { parseEntrypoint } from './instructions/entrypoint.ts';
import { parseEnv } from './instructions/env.ts';
import { parseExpose } from './instructions/expose.ts';
import { parseFrom } from './instructions/from.ts';
import { parseHealthcheck } from './instructions/healthcheck.ts';
import { parseLabel } from './instructions/label.ts';
import { parseMaintainer } from './instructions/maintainer.ts';
import { parseOnbuild } from './instructions/onbuild.ts';
import { parseRun } from './instructions/run.ts';
import { parseShell } from './instructions/shell.ts';
import { parseStopsignal } from './instructions/stopsignal.ts';
import { parseUser } from './instructions/user.ts';
import { parseVolume } from './instructions/volume.ts';
import { parseWorkdir } from './instructions/workdir.ts';
import { nearest } from './nearest.ts';
import type { Statement } from './statement.ts';

const PARSERS: {
  readonly [K in InstructionKind]: (statement: Statement) => Extract<Instruction, { kind: K }>;
} = {
  add: parseAdd,
  arg: parseArg,
  cmd: parseCmd,
  copy: parseCopy,
  entrypoint: parseEntrypoint,
  env: parseEnv,
  expose: parseExpose,
  from: parseFrom,
  healthcheck: parseHealthcheck,
  label: parseLabel,
  maintainer: parseMaintainer,
  onbuild: parseOnbuild,
  run: parseRun,
  shell: parseShell,
  stopsignal: parseStopsignal,
  user: parseUser,
  volume: parseVolume,
  workdir: parseWorkdir,
};

/** The names of all instructions, in lower case. */
export const INSTRUCTION_KINDS = Object.keys(PARSERS) as readonly InstructionKind[];

function isKind(name: string): name is InstructionKind {
  return Object.hasOwn(PARSERS, name);
}

/** The typed form of one instruction. Throws an EngineError DOCKERFILE where it is wrong. */
export function parseInstruction(statement: Statement): Instruction {
  if (isKind(statement.name)) return PARSERS[statement.name](statement);
  const { text, location } = statement.base.keyword;
  throw dockerfileError(`unknown instruction: ${text}`, location, suggestInstruction(text, location));
}

/** What the shell knows and a Dockerfile does not most likely belongs to the line above. */
const OF_THE_SHELL = /^(?:&&|\|\|?|;|-|>|<|\)|\}|(?:fi|do|done|then|else|esac);?$)/;

function suggestInstruction(text: string, location: SourceLocation): Parameters<typeof dockerfileError>[2] {
  const likely = nearest(text.toLowerCase(), INSTRUCTION_KINDS);
  if (likely !== undefined) {
    const isLower = text === text.toLowerCase();
    return suggest(isLower ? likely : likely.toUpperCase(), location);
  }
  if (OF_THE_SHELL.test(text)) return 'Does it continue the line above? Then end that line with a backslash.';
  return `An instruction is one of ${INSTRUCTION_KINDS.map((kind) => kind.toUpperCase()).join(', ')}.`;
}
