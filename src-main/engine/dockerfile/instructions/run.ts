import { commandLine } from '../arguments.ts';
import { didYouMean } from '../did-you-mean.ts';
import { dockerfileError } from '../dockerfile-error.ts';
import type { Flag, RunInstruction } from '../instruction.ts';
import { parseMountFlag } from '../parse-mount.ts';
import { readFlags } from '../read-flags.ts';
import type { Statement } from '../statement.ts';

const NETWORKS = ['default', 'none', 'host'] as const;
const SECURITIES = ['sandbox', 'insecure'] as const;

function oneOf<T extends string>(flag: Flag | undefined, values: readonly [T, ...T[]], what: string): T {
  if (flag?.value === undefined) return values[0];
  if (flag.value === '') throw emptyFlag(flag);
  const found = values.find((value) => value === flag.value);
  if (found !== undefined) return found;
  const help = didYouMean(flag.value, values, flag.valueLocation, `It is one of ${values.join(', ')}.`);
  throw dockerfileError(`invalid ${what} ${flag.value}`, flag.valueLocation, help);
}

function emptyFlag(flag: Flag): Error {
  return dockerfileError(`flag --${flag.name} is missing a value`, flag.location, `Write --${flag.name}=…`);
}

function deviceOf(flag: Flag): string {
  if (flag.value === undefined || flag.value === '') throw emptyFlag(flag);
  return flag.value;
}

export function parseRun(statement: Statement): RunInstruction {
  const flags = readFlags(statement, { mount: 'list', network: 'text', security: 'text', device: 'list' });
  return {
    ...statement.base,
    kind: 'run',
    command: commandLine(statement.args),
    mounts: flags.mount.map(parseMountFlag),
    network: oneOf(flags.network, NETWORKS, 'network mode'),
    security: oneOf(flags.security, SECURITIES, 'security mode'),
    devices: flags.device.map(deviceOf),
  };
}
