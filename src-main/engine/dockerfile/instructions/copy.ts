import { dockerfileError } from '../dockerfile-error.ts';
import type { CopyInstruction, Flag, Word } from '../instruction.ts';
import { readFlags } from '../read-flags.ts';
import type { Statement } from '../statement.ts';
import { parseSources } from './sources.ts';

function parseFromFlag(flag: Flag | undefined): Word | undefined {
  if (flag?.value === undefined || flag.value === '') return undefined;
  if (flag.value.includes('$')) {
    const hint = 'Define a stage with FROM and a global ARG, and name that stage here.';
    throw dockerfileError('variable expansion is not supported for --from', flag.valueLocation, hint);
  }
  return { text: flag.value, location: flag.valueLocation };
}

export function parseCopy(statement: Statement): CopyInstruction {
  const sources = parseSources(statement);
  const flags = readFlags(statement, {
    from: 'text',
    chown: 'text',
    chmod: 'text',
    link: 'bool',
    parents: 'bool',
    exclude: 'list',
  });
  return {
    ...statement.base,
    ...sources,
    kind: 'copy',
    from: parseFromFlag(flags.from),
    chown: flags.chown?.value,
    chmod: flags.chmod?.value,
    link: flags.link ?? false,
    parents: flags.parents ?? false,
    excludes: flags.exclude.map((flag) => flag.value ?? ''),
  };
}
