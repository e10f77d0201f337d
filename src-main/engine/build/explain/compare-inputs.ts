import type { Change } from '../../../contract/builds-api.ts';
import { parseFileVersion, type FileVersion } from './file-version.ts';
import { aroundDifference } from './around-difference.ts';
import type { FileVersions, StepInputs } from './step-inputs.ts';
import { withoutSecret } from './shown-value.ts';

/** What a step depended on, with its files; of an earlier build they may be forgotten. */
export interface KnownInputs {
  readonly inputs: StepInputs;
  readonly files: FileVersions | undefined;
}

/** Everything that differs but the root file system that the step starts from, in the order in which it is told. */
export function compareInputs(before: KnownInputs, after: KnownInputs): readonly Change[] {
  return [
    ...compareInstruction(before.inputs, after.inputs),
    ...compareNamed('option', before.inputs.options, after.inputs.options),
    ...compareNamed('argument', before.inputs.arguments, after.inputs.arguments),
    ...compareNamed('variable', before.inputs.variables, after.inputs.variables),
    ...compareNamed('mount', before.inputs.mounts, after.inputs.mounts),
    ...compareFiles(before.files, after.files),
  ];
}

function compareInstruction(before: StepInputs, after: StepInputs): readonly Change[] {
  if (before.written !== after.written) return [instructionChange(before.written, after.written)];
  if (before.expanded === after.expanded || hasNamedDifference(before, after)) return [];
  return [instructionChange(before.expanded, after.expanded)];
}

/** Then the difference is told by the name of what is filled in. */
function hasNamedDifference(before: StepInputs, after: StepInputs): boolean {
  const named = (of: StepInputs) => JSON.stringify([of.arguments, of.variables, of.options]);
  return named(before) !== named(after);
}

function instructionChange(from: string, to: string): Change {
  const [name = ''] = to.split(/\s/, 1);
  const [before, after] = aroundDifference(from, to);
  return { kind: 'instruction', name: name.toUpperCase(), before, after };
}

type Named = Readonly<Record<string, string>>;

function compareNamed(
  kind: 'option' | 'argument' | 'variable' | 'mount',
  before: Named,
  after: Named,
): readonly Change[] {
  const names = new Set([...Object.keys(after), ...Object.keys(before)]);
  return Array.from(names).flatMap((name) => {
    const [from, to] = [valueOf(before, name), valueOf(after, name)];
    if (from === to) return [];
    return [{ kind, name, ...optional('before', from), ...optional('after', to) }];
  });
}

function valueOf(values: Named, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function optional(key: 'before' | 'after', value: string | undefined): Partial<Change> {
  return value === undefined ? {} : { [key]: withoutSecret(value) };
}

function compareFiles(before: FileVersions | undefined, after: FileVersions | undefined): readonly Change[] {
  if (before === undefined || after === undefined) return [];
  const paths = [...after.keys(), ...Array.from(before.keys()).filter((path) => !after.has(path))];
  return paths.flatMap((path) => {
    const [from, to] = [before.get(path), after.get(path)];
    return from === to ? [] : [fileChange(path, from, to)];
  });
}

function fileChange(name: string, from: string | undefined, to: string | undefined): Change {
  if (from === undefined || to === undefined) {
    const whole = [from, to].map((text) =>
      text === undefined ? undefined : wholeFile(parseFileVersion(text)),
    );
    return { kind: 'file', name, ...optional('before', whole[0]), ...optional('after', whole[1]) };
  }
  const [before, after] = [parseFileVersion(from), parseFileVersion(to)];
  const different = ASPECTS.filter((aspect) => aspect(before) !== aspect(after));
  const words = (file: FileVersion) => different.map((aspect) => aspect(file)).join(', ');
  return { kind: 'file', name, before: words(before), after: words(after) };
}

type Aspect = (file: FileVersion) => string;

const ASPECTS: readonly Aspect[] = [
  ({ type, content, sizeBytes }) => {
    if (type === 'file') return `${content} (${sizeBytes} B)`;
    return type === 'symlink' ? `link to ${content}` : type;
  },
  ({ mode }) => `mode ${mode}`,
  ({ owner }) => `owner ${owner}`,
];

function wholeFile(file: FileVersion): string {
  return ASPECTS.map((aspect) => aspect(file))
    .slice(0, 2)
    .join(', ');
}
