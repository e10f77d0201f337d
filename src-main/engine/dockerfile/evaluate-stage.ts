import { isEngineError, type EngineError } from '../../contract/errors.ts';
import type { SourceLocation } from '../../contract/errors.ts';
import type { Dockerfile, Stage } from './dockerfile.ts';
import { placedError } from './dockerfile-error.ts';
import { expand, expandHeredoc } from './expand-word.ts';
import type { Environment, Expansion } from './expand-word.ts';
import { heredocContent } from './heredoc.ts';
import type { ArgInstruction, StageInstruction } from './instruction.ts';
import { nearest } from './nearest.ts';
import { parseTrigger, triggerError } from './parse-trigger.ts';
import { SCAN_ARGUMENTS } from './scan-arguments.ts';
import { Scope } from './scope.ts';
import { endOfLocation } from './sub-location.ts';

/** What a check may know about an image that a stage starts from. */
export interface BaseImage {
  /** `os/arch` or `os/arch/variant`; undefined when not known. */
  readonly platform?: string | undefined;
  readonly environment: Environment;
  readonly shell?: readonly string[] | undefined;
  readonly onbuild?: readonly string[] | undefined;
}

/** A variable that has no value and that no ARG declares. */
export interface UndefinedVariable {
  readonly name: string;
  /** A variable with a value and a name not far from it. */
  readonly likely: string | undefined;
}

/** One word of an instruction after expansion. */
export interface ExpandedWord extends Expansion {
  readonly location: SourceLocation;
  readonly undefinedVariables: readonly UndefinedVariable[];
}

/** An instruction with its words as they would be expanded in a build. */
export interface EvaluatedInstruction {
  readonly instruction: StageInstruction;
  readonly words: readonly ExpandedWord[];
  /** An ONBUILD trigger of the base: its text is not in the file, at least not where its locations are. */
  readonly isTrigger: boolean;
}

export interface EvaluatedStage {
  readonly stage: Stage;
  /** Triggers of the base first. */
  readonly instructions: readonly EvaluatedInstruction[];
  readonly errors: readonly EngineError[];
  /** The variables after the last instruction. */
  readonly scope: Scope;
  /** True when a SHELL instruction or the base image sets the shell. */
  readonly shellSetBefore: boolean;
  readonly hasShell: boolean;
  readonly hasWorkdir: boolean;
  readonly workdirSetBefore: boolean;
}

interface RawWord {
  readonly text: string;
  readonly location: SourceLocation;
  readonly heredoc?: boolean;
}

/** The words of an instruction that a build expands, in BuildKit's order. ARG values are left out. */
function wordsToExpand(instruction: StageInstruction): readonly RawWord[] {
  switch (instruction.kind) {
    case 'env':
    case 'label':
      return instruction.pairs.flatMap(({ key, value, location }) => [
        { text: key, location },
        { text: value, location: endOfLocation(location, value.length) },
      ]);
    case 'copy':
    case 'add':
      return copyWords(instruction);
    case 'run':
      return instruction.mounts.flatMap((mount) =>
        mount.fields.flatMap(({ value, valueLocation }) =>
          value === undefined ? [] : [{ text: value, location: valueLocation }],
        ),
      );
    case 'volume':
      return instruction.paths;
    case 'user':
      return [instruction.user];
    case 'workdir':
      return [instruction.path];
    case 'stopsignal':
      return [instruction.signal];
    case 'expose':
      return instruction.ports;
    default:
      return [];
  }
}

const EXPANDED_FLAGS = ['chown', 'chmod', 'checksum'];

function copyWords(instruction: Extract<StageInstruction, { kind: 'copy' | 'add' }>): readonly RawWord[] {
  const { sources, destination, flags } = instruction;
  const words: RawWord[] = EXPANDED_FLAGS.flatMap((name) =>
    flags
      .filter((flag) => flag.name === name && flag.value !== undefined)
      .map(({ value = '', valueLocation }) => ({ text: value, location: valueLocation })),
  );
  for (const source of sources) if (source.type === 'path') words.push(source);
  words.push(destination);
  for (const source of sources) {
    if (source.type !== 'heredoc' || !source.heredoc.expand) continue;
    words.push({ text: heredocContent(source.heredoc), location: source.heredoc.location, heredoc: true });
  }
  return words;
}

export interface StageContext {
  readonly dockerfile: Dockerfile;
  readonly globals: Environment;
  readonly buildArgs: Environment;
  /** False when the triggers of the base do not fire. */
  readonly fires?: boolean;
}

/** Goes through one stage's instructions, keeping what they set. */
class StageEvaluator {
  readonly instructions: EvaluatedInstruction[] = [];
  readonly errors: EngineError[] = [];
  private readonly scope: Scope;
  private readonly context: StageContext;

  constructor(context: StageContext, scope: Scope) {
    this.context = context;
    this.scope = scope;
  }

  evaluate(instruction: StageInstruction, isTrigger = false): void {
    const words = instruction.kind === 'arg' ? this.evaluateArg(instruction) : this.expandAll(instruction);
    this.instructions.push({ instruction, words, isTrigger });
    if (instruction.kind === 'env') this.setPairs(words);
  }

  private expandAll(instruction: StageInstruction): readonly ExpandedWord[] {
    return wordsToExpand(instruction).flatMap((word) => this.expandOne(word) ?? []);
  }

  private expandOne(word: RawWord): ExpandedWord | undefined {
    const { escape } = this.context.dockerfile;
    const unset = new Set<string>();
    const scope = { get: (name: string) => this.lookUp(name, unset) };
    const { location } = word;
    try {
      const expansion =
        word.heredoc === true ? expandHeredoc(word.text, scope) : expand(word.text, scope, { escape });
      return { ...expansion, location, undefinedVariables: this.findUndefined(unset) };
    } catch (error) {
      if (!isEngineError(error)) throw error;
      this.errors.push(placedError(error, location));
      if (unset.size === 0) return undefined;
      // What has no value is worth telling all the same.
      const undefinedVariables = this.findUndefined(unset);
      return { text: '', words: [], used: new Set(), unset, location, undefinedVariables };
    }
  }

  private lookUp(name: string, unset: Set<string>): string | undefined {
    const value = this.scope.get(name);
    if (value === undefined) unset.add(name);
    return value;
  }

  private findUndefined(unset: ReadonlySet<string>): readonly UndefinedVariable[] {
    return Array.from(unset)
      .filter((name) => !this.scope.isDeclared(name))
      .map((name) => ({ name, likely: nearest(name, this.scope.names()) }));
  }

  private setPairs(words: readonly ExpandedWord[]): void {
    for (let i = 0; i + 1 < words.length; i += 2) {
      this.scope.set(words[i]?.text ?? '', words[i + 1]?.text ?? '');
    }
  }

  private evaluateArg(instruction: ArgInstruction): readonly ExpandedWord[] {
    const words: ExpandedWord[] = [];
    for (const { name, value, location } of instruction.args) {
      const given = this.context.buildArgs.get(name);
      const word =
        given === undefined && value !== undefined ? this.expandOne({ text: value, location }) : undefined;
      if (word !== undefined) words.push(word);
      const chosen =
        given ?? word?.text ?? (value === undefined ? this.context.globals.get(name) : undefined);
      if (chosen !== undefined && !SCAN_ARGUMENTS.includes(name)) this.scope.set(name, chosen);
      this.scope.declare(name);
    }
    return words;
  }
}

function fireTriggers(
  evaluator: StageEvaluator,
  triggers: readonly string[],
  location: SourceLocation,
): void {
  for (const trigger of triggers) {
    const before = evaluator.errors.length;
    try {
      evaluator.evaluate(parseTrigger(trigger, location), true);
      const own = evaluator.errors.splice(before);
      evaluator.errors.push(...own.map((error) => triggerError(error, trigger, location)));
    } catch (error) {
      if (!isEngineError(error)) throw error;
      evaluator.errors.push(error);
    }
  }
}

function ownTriggers(base: EvaluatedStage | undefined): readonly string[] {
  const instructions = base?.stage.instructions ?? [];
  return instructions.flatMap((instruction) => (instruction.kind === 'onbuild' ? [instruction.trigger] : []));
}

/** PATH has a value in every stage: the image's, or the one that a build sets. */
function openScope(base: EvaluatedStage | undefined, image: BaseImage | undefined): Scope {
  const scope = new Scope(base?.scope);
  for (const [name, value] of image?.environment ?? []) scope.set(name, value);
  if (scope.get('PATH') === undefined) scope.set('PATH', '');
  return scope;
}

/** Evaluates a stage on top of an earlier stage or of an image (undefined when nothing is known of it). */
export function evaluateStage(
  context: StageContext,
  stage: Stage,
  base: EvaluatedStage | undefined,
  image: BaseImage | undefined,
): EvaluatedStage {
  const scope = openScope(base, image);
  const evaluator = new StageEvaluator(context, scope);
  const triggers = base === undefined ? (image?.onbuild ?? []) : ownTriggers(base);
  if (context.fires !== false) fireTriggers(evaluator, triggers, stage.from.location);
  for (const instruction of stage.instructions) evaluator.evaluate(instruction);
  const kinds = evaluator.instructions.map(({ instruction }) => instruction.kind);
  const shellSetBefore = base?.hasShell ?? (image?.shell?.length ?? 0) > 0;
  const workdirSetBefore = base?.hasWorkdir ?? false;
  return {
    stage,
    instructions: evaluator.instructions,
    errors: evaluator.errors,
    scope,
    shellSetBefore,
    hasShell: shellSetBefore || kinds.includes('shell'),
    workdirSetBefore,
    hasWorkdir: workdirSetBefore || kinds.includes('workdir'),
  };
}
