import { didYouMean } from './did-you-mean.ts';
import { dockerfileError } from './dockerfile-error.ts';
import type { Flag } from './instruction.ts';
import type { Statement } from './statement.ts';

/** `bool`: with or without `=true`; `text`: one value; `list`: may be repeated. */
export type FlagType = 'bool' | 'text' | 'list';

type FlagValue<T extends FlagType> = T extends 'bool'
  ? boolean | undefined
  : T extends 'text'
    ? Flag | undefined
    : readonly Flag[];

export type FlagValues<D extends Record<string, FlagType>> = { readonly [K in keyof D]: FlagValue<D[K]> };

/** Whose flag it is, for one at the wrong instruction. */
const OWNERS: Readonly<Record<string, string>> = {
  platform: 'FROM',
  from: 'COPY',
  parents: 'COPY',
  chown: 'COPY and ADD',
  chmod: 'COPY and ADD',
  link: 'COPY and ADD',
  exclude: 'COPY and ADD',
  checksum: 'ADD',
  'keep-git-dir': 'ADD',
  unpack: 'ADD',
  mount: 'RUN',
  network: 'RUN',
  security: 'RUN',
  device: 'RUN',
};

function unknownFlag(statement: Statement, flag: Flag, known: readonly string[]): Error {
  const upper = statement.name.toUpperCase();
  const written = known.map((name) => `--${name}`);
  const takes = known.length === 0 ? `${upper} takes no flags.` : `${upper} takes ${written.join(', ')}.`;
  const owner = Object.hasOwn(OWNERS, flag.name) ? `It is a flag of ${OWNERS[flag.name]}. ` : '';
  const help = didYouMean(`--${flag.name}`, written, flag.nameLocation, owner + takes);
  return dockerfileError(`unknown flag for ${upper}: --${flag.name}`, flag.nameLocation, help);
}

function parseBool(flag: Flag): boolean {
  const value = flag.value?.toLowerCase() ?? 'true';
  if (value === '') throw missingValue(flag);
  if (value !== 'true' && value !== 'false') {
    const message = `flag --${flag.name} is either true or false, not ${flag.value}`;
    throw dockerfileError(message, flag.valueLocation, `Write --${flag.name} or leave it out.`);
  }
  return value === 'true';
}

function missingValue(flag: Flag): Error {
  return dockerfileError(`flag --${flag.name} is missing a value`, flag.location, `Write --${flag.name}=…`);
}

function checkFlag(
  statement: Statement,
  flag: Flag,
  types: Record<string, FlagType>,
  seen: ReadonlySet<string>,
): void {
  const type = Object.hasOwn(types, flag.name) ? types[flag.name] : undefined;
  if (type === undefined) throw unknownFlag(statement, flag, Object.keys(types));
  if (type !== 'list' && seen.has(flag.name)) {
    throw dockerfileError(`duplicate flag --${flag.name}`, flag.location, 'Keep one of the two.');
  }
  if (type === 'bool') parseBool(flag);
  else if (flag.value === undefined) throw missingValue(flag);
}

/** The flags of a statement by name. Throws for one that is unknown, given twice or without its value. */
export function readFlags<const D extends Record<string, FlagType>>(
  statement: Statement,
  types: D,
): FlagValues<D> {
  const { flags } = statement.base;
  const seen = new Set<string>();
  for (const flag of flags) {
    checkFlag(statement, flag, types, seen);
    seen.add(flag.name);
  }
  const values = Object.entries(types).map(([name, type]) => {
    const given = flags.filter((flag) => flag.name === name);
    if (type === 'list') return [name, given];
    return [name, given[0] !== undefined && type === 'bool' ? parseBool(given[0]) : given[0]];
  });
  return Object.fromEntries(values) as FlagValues<D>;
}
