import { z } from 'zod';
import type { Reason } from '../../contract/builds-api.ts';
import type { BuildRun } from './build-run.ts';

const KIND = 'build-inputs';

/** What a step's result depends on, in words and short digests. */
const stepInputsSchema = z.object({
  instruction: z.string(),
  /** The base image's name and digest; absent for scratch and stages. */
  base: z.object({ name: z.string(), digest: z.string() }).optional(),
  /** Stands for the root file system that the step starts from. */
  parent: z.string(),
  /** Build arguments that the step can see. */
  arguments: z.record(z.string(), z.string()),
  /** Files by path, with what tells one version from another. */
  files: z.record(z.string(), z.string()),
});
export type StepInputs = Readonly<z.output<typeof stepInputsSchema>>;

export function readInputs(run: BuildRun, step: string): StepInputs | undefined {
  const record = run.deps.store.records.get(KIND, `${run.explainKey}/${step}`);
  if (record === undefined) return undefined;
  return stepInputsSchema.safeParse(JSON.parse(Buffer.from(record).toString())).data;
}

export function writeInputs(run: BuildRun, step: string, inputs: StepInputs): void {
  run.deps.store.records.put(KIND, `${run.explainKey}/${step}`, Buffer.from(JSON.stringify(inputs)));
}

/** The first input that differs from the last time, in the order in which a build meets them. */
export function explainInputs(before: StepInputs | undefined, after: StepInputs): Reason {
  if (before === undefined) return { kind: 'first', text: 'this step has not run before' };
  return (
    explainBase(before, after) ??
    explainInstruction(before, after) ??
    explainArguments(before.arguments, after.arguments) ??
    explainParent(before, after) ??
    explainFiles(before.files, after.files) ?? {
      kind: 'unknown',
      text: 'its earlier result is not known any more',
    }
  );
}

function explainBase(before: StepInputs, after: StepInputs): Reason | undefined {
  const [from, to] = [before.base, after.base];
  if (from === undefined || to === undefined || before.parent === after.parent) return undefined;
  if (from.name !== to.name) return { kind: 'base', text: `base ${from.name} -> ${to.name}` };
  if (from.digest === to.digest) return undefined;
  return { kind: 'base', text: `base ${to.name} moved ${shorten(from.digest)} -> ${shorten(to.digest)}` };
}

function explainInstruction(before: StepInputs, after: StepInputs): Reason | undefined {
  if (before.instruction === after.instruction) return undefined;
  return { kind: 'instruction', text: `the instruction was ${clip(before.instruction)}` };
}

function explainArguments(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Reason | undefined {
  const name = firstDifference(before, after);
  if (name === undefined) return undefined;
  const [from, to] = [before[name], after[name]];
  if (from === undefined) return { kind: 'argument', text: `ARG ${name} is new (${clip(to ?? '')})` };
  if (to === undefined) return { kind: 'argument', text: `ARG ${name} is gone` };
  return { kind: 'argument', text: `ARG ${name} ${clip(from)} -> ${clip(to)}` };
}

function explainParent(before: StepInputs, after: StepInputs): Reason | undefined {
  if (before.parent === after.parent) return undefined;
  return { kind: 'parent', text: 'an earlier step gave another result' };
}

function explainFiles(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Reason | undefined {
  const path = firstDifference(before, after);
  if (path === undefined) return undefined;
  const how = before[path] === undefined ? 'added' : after[path] === undefined ? 'removed' : 'changed';
  const others = countDifferences(before, after) - 1;
  const more = others === 0 ? '' : ` and ${others} more`;
  return { kind: 'file', text: `${path} ${how}${more}` };
}

function firstDifference(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string | undefined {
  const names = [...Object.keys(after), ...Object.keys(before)];
  return names.find((name) => before[name] !== after[name]);
}

function countDifferences(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): number {
  const names = new Set([...Object.keys(after), ...Object.keys(before)]);
  return Array.from(names).filter((name) => before[name] !== after[name]).length;
}

function shorten(digest: string): string {
  return `${digest.slice(0, 'sha256:'.length + 12)}…`;
}

function clip(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
