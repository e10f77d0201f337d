import { commandLine } from '../arguments.ts';
import { dockerfileError } from '../dockerfile-error.ts';
import type { Flag, RunInstruction } from '../instruction.ts';
import { nearest } from '../nearest.ts';
import { parseMountFlag } from '../parse-mount.ts';
import { readFlags } from '../read-flags.ts';
import type { Statement } from '../statement.ts';

const NETWORKS = ['default', 'none', 'host'] as const;
const SECURITIES = ['sandbox', 'insecure'] as const;

function oneOf<T extends string>(flag: Flag | undefined, values: readonly [T, ...T[]], what: string): T {
  if (flag?.value === undefined || flag.value === '') return values[0];
  const found = values.find((value) => value === flag.value);
  if (found !== undefined) return found;
  const likely = nearest(flag.value, values);
  const hint = likely === undefined ? `It is one of ${values.join(', ')}.` : `Did you mean ${likely}?`;
  throw dockerfileError(`invalid ${what} ${flag.value}`, flag.location, hint);
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
    devices: flags.device.map((flag) => flag.value ?? ''),
  };
}
