import type { SourceLocation } from '../../contract/errors.ts';
import { didYouMean } from './did-you-mean.ts';
import { dockerfileError } from './dockerfile-error.ts';
import type { Flag, MountField, MountFlag } from './instruction.ts';
import { parseSize } from './parse-size.ts';
import { splitCsv } from './split-csv.ts';
import { subLocation } from './sub-location.ts';

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

/** Why a mount is refused; whoever knows the field adds the place. */
class MountFailure extends Error {
  override readonly name = 'MountFailure';
  readonly hint: string | undefined;
  /** The values that the field takes, to find the one that was meant. */
  readonly values: readonly string[];
  /** The field that is in the way, when it is not the one that is read. */
  readonly keys: readonly string[];

  constructor(
    message: string,
    help: {
      readonly hint?: string;
      readonly values?: readonly string[];
      readonly keys?: readonly string[];
    } = {},
  ) {
    super(message);
    this.hint = help.hint;
    this.values = help.values ?? [];
    this.keys = help.keys ?? [];
  }
}

const TYPES = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'] as const;
const SHARINGS = ['shared', 'private', 'locked'] as const;

/** The field that stands at `start` of the flag's value. */
function splitField(text: string, start: number, flag: Flag): MountField {
  const end = start + text.length;
  const place = (from: number) => subLocation(flag.valueLocation, flag.value ?? '', from, end);
  const location = place(start);
  const equals = text.indexOf('=');
  if (equals < 0)
    return { key: text.toLowerCase(), value: undefined, text, location, valueLocation: location };
  const [key, value] = [text.slice(0, equals).toLowerCase(), text.slice(equals + 1)];
  return { key, value, text, location, valueLocation: place(start + equals + 1) };
}

/** With places as exact as quotes allow. */
function splitFields(texts: readonly string[], flag: Flag): readonly MountField[] {
  const isExact = !/["'\\]/.test(flag.value ?? '');
  let start = 0;
  return texts.map((text) => {
    const field = splitField(text, start, flag);
    start += text.length + 1;
    return isExact ? field : { ...field, location: flag.valueLocation, valueLocation: flag.valueLocation };
  });
}

/** Splits `--mount` into fields. Throws for broken quoting and for a variable in `from`. */
export function parseMountFlag(flag: Flag): MountFlag {
  const texts = splitCsv(flag.value ?? '');
  if (texts === undefined) {
    const hint = 'Write --mount=type=cache,target=/path.';
    throw dockerfileError(`cannot read the fields of --mount=${flag.value ?? ''}`, flag.location, hint);
  }
  const fields = splitFields(texts, flag);
  const variable = fields.find((field) => field.key === 'from' && /\$./.test(field.value ?? ''));
  if (variable !== undefined) {
    const hint = 'Define a stage with FROM and a global ARG, and name that stage here.';
    throw dockerfileError('from does not take variables in a mount', variable.valueLocation, hint);
  }
  return { fields, location: flag.location };
}

function oneOf<T extends string>(value: string, values: readonly T[], what: string): T {
  const lower = value.toLowerCase();
  const found = values.find((candidate) => candidate === lower);
  if (found !== undefined) return found;
  const hint = `It is one of ${values.join(', ')}.`;
  throw new MountFailure(`unsupported ${what} ${JSON.stringify(value)}`, { hint, values });
}

function parseBool(key: string, value: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(value)) return false;
  throw new MountFailure(`invalid value for ${key}: ${value}`, {
    hint: 'It is true or false.',
    values: ['true', 'false'],
  });
}

function parseNumber(key: string, value: string, base: 8 | 10): number {
  const number = (base === 8 ? /^[0-7]+$/ : /^\d+$/).test(value) ? parseInt(value, base) : NaN;
  if (number < 2 ** 32) return number;
  const hint = base === 8 ? 'It is an octal number, like 0400.' : 'It is a whole number.';
  throw new MountFailure(`invalid value ${value} for ${key}`, { hint });
}

function only(draft: Draft, key: string, ...types: readonly MountType[]): void {
  if (types.includes(draft.type)) return;
  const hint = `Only mounts of type ${types.join(' or ')} have it.`;
  throw new MountFailure(`unexpected ${key} for a mount of type ${draft.type}`, { hint, keys: [key] });
}

/** Puts the variables into a value that stands at a place. */
type ExpandValue = (value: string, location: SourceLocation) => string;

type Setter = (draft: Draft, value: string, key: string) => void;

const setReadOnly: Setter = (draft, value, key) => void (draft.readOnly = parseBool(key, value));
const setReadWrite: Setter = (draft, value, key) => void (draft.readOnly = !parseBool(key, value));
const setSource: Setter = (draft, value) => void (draft.source = value);
const setTarget: Setter = (draft, value) => void (draft.target = value);

function setSize(draft: Draft, value: string): void {
  only(draft, 'size', 'tmpfs');
  draft.sizeLimitBytes = parseSize(value);
  if (draft.sizeLimitBytes !== undefined) return;
  throw new MountFailure(`invalid value for size: ${value}`, { hint: 'Write bytes, or 512k, 64m, 1g.' });
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

const KEYS_HINT = `A mount has ${Array.from(SETTERS.keys()).join(', ')}.`;
const SWITCHES = ['readonly', 'ro', 'readwrite', 'rw', 'required'];

function applyField(draft: Draft, field: MountField, expandValue: ExpandValue): void {
  const set = SETTERS.get(field.key);
  if (field.value === undefined && !SWITCHES.includes(field.key)) {
    throw notAPair(field, set !== undefined);
  }
  if (set === undefined) {
    const location = subLocation(field.location, field.text, 0, field.key.length);
    const help = didYouMean(field.key, SETTERS.keys(), location, KEYS_HINT);
    throw dockerfileError(`unexpected key ${field.key} in ${field.text}`, location, help);
  }
  const value = field.value === undefined ? 'true' : expandValue(field.value, field.valueLocation);
  try {
    set(draft, value, field.key);
  } catch (error) {
    throw placeFailure(error, field);
  }
}

function notAPair(field: MountField, isKnown: boolean): Error {
  const message = `field ${field.text} of the mount must be key=value`;
  const help = isKnown ? `Write ${field.key}=….` : didYouMean(field.key, SWITCHES, field.location, KEYS_HINT);
  return dockerfileError(message, field.location, help);
}

/** A failure about a field's value, at the value. */
function placeFailure(error: unknown, field: MountField): unknown {
  if (!(error instanceof MountFailure)) return error;
  const location = error.keys.length > 0 ? field.location : field.valueLocation;
  const help = didYouMean(field.value?.toLowerCase() ?? '', error.values, location, error.hint);
  return dockerfileError(error.message, location, help);
}

function checkSecret(draft: Draft): void {
  const hint = 'Write type=secret,id=name.';
  if (draft.from) throw new MountFailure('a secret mount has no from', { hint, keys: ['from'] });
  if (draft.sharing) throw new MountFailure('a secret mount has no sharing', { hint, keys: ['sharing'] });
  if (!draft.source && !draft.target && !draft.id) {
    throw new MountFailure('a secret mount needs an id, a source or a target', { hint, keys: ['type'] });
  }
  if (draft.source && draft.id) {
    throw new MountFailure('a secret mount has either a source or an id', { hint, keys: ['source', 'src'] });
  }
}

function checkDraft(draft: Draft): void {
  for (const key of ['mode', 'uid', 'gid'] as const) {
    if (draft[key] !== undefined) only(draft, key, 'secret', 'ssh', 'cache');
  }
  if (draft.type === 'secret') checkSecret(draft);
  if (draft.sharing !== undefined) only(draft, 'sharing', 'cache');
}

function build(flag: MountFlag, expandValue: ExpandValue): Mount {
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
 * DOCKERFILE at the field for an unknown key, a value of the wrong form or a combination that makes no sense.
 */
export function parseMount(flag: MountFlag, expandValue: ExpandValue): Mount {
  try {
    return build(flag, expandValue);
  } catch (error) {
    if (!(error instanceof MountFailure)) throw error;
    const field = flag.fields.findLast(({ key }) => error.keys.includes(key));
    throw dockerfileError(error.message, field?.location ?? flag.location, error.hint);
  }
}
