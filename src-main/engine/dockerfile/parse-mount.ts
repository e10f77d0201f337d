import { dockerfileError } from './dockerfile-error.ts';
import type { Flag, MountField, MountFlag } from './instruction.ts';
import { nearest } from './nearest.ts';
import { parseSize } from './parse-size.ts';
import { splitCsv } from './split-csv.ts';

export type MountType = 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh';
export type MountSharing = 'shared' | 'private' | 'locked';

/** `RUN --mount`, checked and with its defaults. */
export interface Mount {
  readonly type: MountType;
  /** A stage, a named context or an image; undefined for the build context. */
  readonly from: string | undefined;
  readonly source: string | undefined;
  readonly target: string | undefined;
  readonly readOnly: boolean;
  readonly sizeLimitBytes: number | undefined;
  /** Of a cache, secret or ssh mount. */
  readonly id: string | undefined;
  readonly sharing: MountSharing | undefined;
  readonly required: boolean;
  /** The environment variable that a secret appears in. */
  readonly env: string | undefined;
  readonly mode: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

type Draft = { -readonly [K in keyof Mount]: K extends 'readOnly' ? boolean | undefined : Mount[K] };

/** Why a mount is refused; `parseMount` adds the place. */
class MountFailure extends Error {
  override readonly name = 'MountFailure';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

const TYPES = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'] as const;
const SHARINGS = ['shared', 'private', 'locked'] as const;

function splitField(text: string): MountField {
  const equals = text.indexOf('=');
  if (equals < 0) return { key: text.toLowerCase(), value: undefined, text };
  return { key: text.slice(0, equals).toLowerCase(), value: text.slice(equals + 1), text };
}

/** Splits `--mount` into fields. Throws for broken quoting and for a variable in `from`. */
export function parseMountFlag(flag: Flag): MountFlag {
  const texts = splitCsv(flag.value ?? '');
  if (texts === undefined) {
    const hint = 'Write --mount=type=cache,target=/path.';
    throw dockerfileError(`cannot read the fields of --mount=${flag.value ?? ''}`, flag.location, hint);
  }
  const fields = texts.map(splitField);
  if (fields.some((field) => field.key === 'from' && /\$./.test(field.value ?? ''))) {
    const hint = 'Define a stage with FROM and a global ARG, and name that stage here.';
    throw dockerfileError('from does not take variables in a mount', flag.location, hint);
  }
  return { fields, location: flag.location };
}

function oneOf<T extends string>(value: string, values: readonly T[], what: string): T {
  const lower = value.toLowerCase();
  const found = values.find((candidate) => candidate === lower);
  if (found !== undefined) return found;
  const likely = nearest(lower, values);
  const hint = likely === undefined ? `It is one of ${values.join(', ')}.` : `Did you mean ${likely}?`;
  throw new MountFailure(`unsupported ${what} ${JSON.stringify(value)}`, hint);
}

function parseBool(key: string, value: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(value)) return false;
  throw new MountFailure(`invalid value for ${key}: ${value}`, 'It is true or false.');
}

function parseNumber(key: string, value: string, base: 8 | 10): number {
  const number = (base === 8 ? /^[0-7]+$/ : /^\d+$/).test(value) ? parseInt(value, base) : NaN;
  if (number < 2 ** 32) return number;
  throw new MountFailure(`invalid value ${value} for ${key}`);
}

function only(draft: Draft, key: string, ...types: readonly MountType[]): void {
  if (types.includes(draft.type)) return;
  throw new MountFailure(`unexpected ${key} for a mount of type ${draft.type}`);
}

type Setter = (draft: Draft, value: string, key: string) => void;

const setReadOnly: Setter = (draft, value, key) => void (draft.readOnly = parseBool(key, value));
const setReadWrite: Setter = (draft, value, key) => void (draft.readOnly = !parseBool(key, value));
const setSource: Setter = (draft, value) => void (draft.source = value);
const setTarget: Setter = (draft, value) => void (draft.target = value);

function setSize(draft: Draft, value: string): void {
  only(draft, 'size', 'tmpfs');
  draft.sizeLimitBytes = parseSize(value);
  if (draft.sizeLimitBytes === undefined) throw new MountFailure(`invalid value for size: ${value}`);
}

const SETTERS: ReadonlyMap<string, Setter> = new Map<string, Setter>([
  ['type', (draft, value) => void (draft.type = oneOf(value, TYPES, 'mount type'))],
  ['from', (draft, value) => void (draft.from = value)],
  ['source', setSource],
  ['src', setSource],
  ['target', setTarget],
  ['dst', setTarget],
  ['destination', setTarget],
  ['readonly', setReadOnly],
  ['ro', setReadOnly],
  ['readwrite', setReadWrite],
  ['rw', setReadWrite],
  [
    'required',
    (draft, value, key) => {
      only(draft, key, 'secret', 'ssh');
      draft.required = parseBool(key, value);
    },
  ],
  ['size', setSize],
  ['id', (draft, value) => void (draft.id = value)],
  ['sharing', (draft, value) => void (draft.sharing = oneOf(value, SHARINGS, 'sharing value'))],
  ['mode', (draft, value, key) => void (draft.mode = parseNumber(key, value, 8))],
  ['uid', (draft, value, key) => void (draft.uid = parseNumber(key, value, 10))],
  ['gid', (draft, value, key) => void (draft.gid = parseNumber(key, value, 10))],
  [
    'env',
    (draft, value, key) => {
      only(draft, key, 'secret');
      draft.env = value;
    },
  ],
]);

const SWITCHES = ['readonly', 'ro', 'readwrite', 'rw', 'required'];

function applyField(draft: Draft, field: MountField, expandValue: (value: string) => string): void {
  const set = SETTERS.get(field.key);
  if (field.value === undefined && !SWITCHES.includes(field.key)) {
    throw new MountFailure(`field ${field.text} of the mount must be key=value`);
  }
  if (set === undefined) {
    const likely = nearest(field.key, SETTERS.keys());
    const hint = likely === undefined ? undefined : `Did you mean ${likely}?`;
    throw new MountFailure(`unexpected key ${field.key} in ${field.text}`, hint);
  }
  set(draft, field.value === undefined ? 'true' : expandValue(field.value), field.key);
}

function checkSecret(draft: Draft): void {
  if (draft.from) throw new MountFailure('a secret mount has no from');
  if (draft.sharing) throw new MountFailure('a secret mount has no sharing');
  if (!draft.source && !draft.target && !draft.id) {
    throw new MountFailure('a secret mount needs an id, a source or a target', 'Write type=secret,id=name.');
  }
  if (draft.source && draft.id) throw new MountFailure('a secret mount has either a source or an id');
}

function checkDraft(draft: Draft): void {
  for (const key of ['mode', 'uid', 'gid'] as const) {
    if (draft[key] !== undefined) only(draft, key, 'secret', 'ssh', 'cache');
  }
  if (draft.type === 'secret') checkSecret(draft);
  if (draft.sharing !== undefined) only(draft, 'sharing', 'cache');
}

function build(flag: MountFlag, expandValue: (value: string) => string): Mount {
  const draft: Draft = {
    type: 'bind',
    from: undefined,
    source: undefined,
    target: undefined,
    readOnly: undefined,
    sizeLimitBytes: undefined,
    id: undefined,
    sharing: undefined,
    required: false,
    env: undefined,
    mode: undefined,
    uid: undefined,
    gid: undefined,
  };
  for (const field of flag.fields) applyField(draft, field, expandValue);
  checkDraft(draft);
  return { ...draft, readOnly: draft.readOnly ?? (draft.type !== 'cache' && draft.type !== 'tmpfs') };
}

/**
 * The mount that a flag asks for, its values put through `expandValue` first. Throws an EngineError
 * DOCKERFILE at the flag for an unknown key, a value of the wrong form or a combination that makes no sense.
 */
export function parseMount(flag: MountFlag, expandValue: (value: string) => string): Mount {
  try {
    return build(flag, expandValue);
  } catch (error) {
    if (!(error instanceof MountFailure)) throw error;
    throw dockerfileError(error.message, flag.location, error.hint);
  }
}
