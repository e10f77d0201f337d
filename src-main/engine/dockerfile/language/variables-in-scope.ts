import { isEngineError } from '../../../contract/errors.ts';
import type { SourceLocation } from '../../../contract/errors.ts';
import type { Dockerfile, Stage } from '../dockerfile.ts';
import type { BaseImage } from '../evaluate-stage.ts';
import type { Environment } from '../expand-word.ts';
import type { ArgInstruction, EnvInstruction, StageInstruction } from '../instruction.ts';
import { parseTrigger } from '../parse-trigger.ts';
import { expandOr } from './expand-or.ts';
import { stageChain } from './stage-chain.ts';

/** A variable as it stands at one place of a Dockerfile. */
export interface KnownVariable {
  readonly name: string;
  /** Undefined for an argument that has none. */
  readonly value: string | undefined;
  readonly kind: 'ARG' | 'ENV';
  readonly from: 'file' | 'build argument' | 'base image' | 'platform';
  /** The word that sets it; absent for what the base image or Varve sets. */
  readonly location?: SourceLocation | undefined;
  /** Of a base image's: the image. */
  readonly image?: string | undefined;
}

export type Variables = ReadonlyMap<string, KnownVariable>;

/** What is known beside the text. */
export interface VariableSources {
  /** What the build is told. */
  readonly buildArgs: Environment;
  /** The automatic arguments: TARGETPLATFORM and so on. */
  readonly predefined: Environment;
  /** What is known of an image by the name that FROM comes to. */
  readonly baseImage: (name: string) => BaseImage | undefined;
}

/** The variables so far; setting one leaves the others where they are. */
class VariableTable {
  readonly known = new Map<string, KnownVariable>();
  private readonly escape: string;
  private readonly buildArgs: Environment;

  constructor(escape: string, buildArgs: Environment) {
    this.escape = escape;
    this.buildArgs = buildArgs;
  }

  get(name: string): string | undefined {
    return this.known.get(name)?.value;
  }

  set(variable: KnownVariable): void {
    this.known.set(variable.name, variable);
  }

  /** `ARG`, which sees what the words before it set. Outside `globals` a name without a default is the global one. */
  takeArg(instruction: ArgInstruction, globals: Variables | undefined, upTo: number): void {
    for (const { name, value, location } of instruction.args) {
      if (location.line > upTo) return;
      const given = this.buildArgs.get(name);
      const outer = value === undefined ? globals?.get(name) : undefined;
      const own = given ?? (value === undefined ? undefined : this.expand(value));
      const chosen = own ?? outer?.value ?? (value === undefined ? this.get(name) : undefined);
      const from =
        given !== undefined ? 'build argument' : own === undefined ? (outer?.from ?? 'file') : 'file';
      this.set({ name, value: chosen, kind: 'ARG', from, location });
    }
  }

  /** `ENV`, whose words all see what was before it. */
  takeEnv(instruction: EnvInstruction): void {
    const set = instruction.pairs.map(({ key, value, location }) => ({
      name: this.expand(key) ?? key,
      value: this.expand(value),
      location,
    }));
    for (const variable of set) this.set({ ...variable, kind: 'ENV', from: 'file' });
  }

  private expand(text: string): string | undefined {
    return expandOr(text, this, this.escape, undefined);
  }
}

/** The variables of the global scope: those that FROM and the arguments before the first FROM see. */
export function globalVariables(
  dockerfile: Dockerfile,
  sources: VariableSources,
  upTo = Infinity,
): Variables {
  const table = new VariableTable(dockerfile.escape, sources.buildArgs);
  for (const [name, value] of sources.predefined) table.set({ name, value, kind: 'ARG', from: 'platform' });
  for (const instruction of dockerfile.globalArgs) {
    if (instruction.location.line < upTo) table.takeArg(instruction, undefined, upTo);
  }
  return table.known;
}

/** The values of variables that have one. */
export function valuesOf(variables: Variables): Environment {
  return new Map(
    Array.from(variables.values()).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );
}

function triggersOf(stage: Stage): readonly string[] {
  return stage.instructions.flatMap((each) => (each.kind === 'onbuild' ? [each.trigger] : []));
}

function parseTriggers(triggers: readonly string[], location: SourceLocation): readonly StageInstruction[] {
  return triggers.flatMap((trigger) => {
    try {
      return [parseTrigger(trigger, location)];
    } catch (error) {
      if (isEngineError(error)) return [];
      throw error;
    }
  });
}

function take(
  table: VariableTable,
  instructions: readonly StageInstruction[],
  globals: Variables,
  upTo: number,
): void {
  for (const instruction of instructions) {
    if (instruction.location.line > upTo) return;
    if (instruction.kind === 'arg') table.takeArg(instruction, globals, upTo);
    if (instruction.kind === 'env' && instruction.location.line < upTo) table.takeEnv(instruction);
  }
}

/**
 * The variables that a stage has on a line, those of the stages and the image under it among them: what ARG sets on
 * lines up to this one, what ENV sets on lines above it.
 */
export function stageVariables(
  dockerfile: Dockerfile,
  stage: Stage,
  sources: VariableSources,
  line: number,
): Variables {
  const globals = globalVariables(dockerfile, sources);
  const { stages, image } = stageChain(dockerfile, stage, valuesOf(globals));
  const table = new VariableTable(dockerfile.escape, sources.buildArgs);
  const base = sources.baseImage(image);
  for (const [name, value] of base?.environment ?? []) {
    table.set({ name, value, kind: 'ENV', from: 'base image', image });
  }
  let triggers = base?.onbuild ?? [];
  for (const link of stages) {
    take(table, parseTriggers(triggers, link.from.location), globals, line);
    take(table, link.instructions, globals, link === stage ? line : Infinity);
    triggers = triggersOf(link);
  }
  return table.known;
}
