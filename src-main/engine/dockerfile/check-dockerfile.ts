import { isEngineError, type EngineError } from '../../contract/errors.ts';
import type { Fix, SourceLocation } from '../../contract/errors.ts';
import { checkFrom } from './check-from.ts';
import { CHECK_ARGUMENT, readCheckOptions } from './check-options.ts';
import type { CheckOptions } from './check-options.ts';
import { checkNotes } from './check-notes.ts';
import { checkStageReferences } from './check-stages.ts';
import { checkValues } from './check-values.ts';
import { ALL_CHECKS } from './checks/all-checks.ts';
import { Fixing } from './checks/fixing.ts';
import { toWarning } from './checks/check-context.ts';
import type { Check, CheckContext, EvaluatedFrom } from './checks/check-context.ts';
import type { Dockerfile, Stage } from './dockerfile.ts';
import { evaluateStage } from './evaluate-stage.ts';
import type { BaseImage, EvaluatedStage, StageContext } from './evaluate-stage.ts';
import { expand } from './expand-word.ts';
import type { Environment, Expansion } from './expand-word.ts';
import { placedError } from './dockerfile-error.ts';
import { findBaseStage } from './find-stage.ts';
import { findTarget, targetStageName } from './find-target.ts';
import { globalArguments } from './global-arguments.ts';
import { compileIgnore } from './ignore-file.ts';
import type { IgnoreMatcher } from './ignore-file.ts';
import { neededStages } from './needed-stages.ts';
import { formatPlatform, platformArguments } from './platform-arguments.ts';
import type { PlatformParts } from './platform-arguments.ts';
import { readDockerfile } from './read-dockerfile.ts';
import type { DockerfileReading } from './read-dockerfile.ts';
import type { Warning } from './warning.ts';

export interface CheckDockerfileOptions {
  /** The name that locations carry. */
  readonly file: string;
  readonly buildArgs?: Environment | undefined;
  readonly target?: string | undefined;
  /** Says nothing of stages that the target (the last stage when none is given) does not need; so does a target. */
  readonly onlyTarget?: boolean | undefined;
  readonly buildPlatform?: PlatformParts | undefined;
  readonly targetPlatform?: PlatformParts | undefined;
  /** The patterns of the context's ignore file, as `parseIgnoreFile` gives them. */
  readonly ignorePatterns?: readonly string[] | undefined;
  /** What is known of an image, by its name in FROM, variables expanded; never asked for a stage or `scratch`. */
  readonly baseImage?: ((name: string, platform: string) => BaseImage | undefined) | undefined;
}

/** One thing that would stop a build. */
export interface Problem {
  readonly message: string;
  readonly hint: string | undefined;
  readonly location: SourceLocation;
  /** Mechanical ways to mend it, the likeliest first. */
  readonly fixes: readonly Fix[];
}

export interface DockerfileCheck {
  /** Undefined when there is something that does not parse. */
  readonly dockerfile: Dockerfile | undefined;
  /** In the order of the file. */
  readonly errors: readonly Problem[];
  /** What stops nothing and may not be meant, in the order of the file: a rule's name that no check has. */
  readonly notes: readonly Problem[];
  /** In the order of the file; those that `# check=skip=` names are left out. */
  readonly warnings: readonly Warning[];
  /** True when the file asks that warnings fail a build (`# check=error=true`). */
  readonly warningsAreErrors: boolean;
}

const LINUX: PlatformParts = { os: 'linux', architecture: 'amd64' };
const SCRATCH = 'scratch';

/** Runs `compute`; a DOCKERFILE error goes to `errors`, at `location` if it has none of its own. */
function attempt<T>(compute: () => T, errors: EngineError[], location: SourceLocation): T | undefined {
  try {
    return compute();
  } catch (error) {
    if (!isEngineError(error)) throw error;
    errors.push(placedError(error, location));
    return undefined;
  }
}

/** Everything that checks need to know, worked out once. */
class ContextBuilder {
  readonly errors: EngineError[] = [];
  private readonly reading: DockerfileReading;
  private readonly dockerfile: Dockerfile;
  private readonly options: CheckDockerfileOptions;
  private readonly top: SourceLocation;

  constructor(reading: DockerfileReading, options: CheckDockerfileOptions) {
    this.reading = reading;
    this.dockerfile = reading.dockerfile;
    this.options = options;
    this.top = { file: options.file, line: 1, column: 1, endLine: 1, endColumn: 1 };
  }

  build(): CheckContext {
    const { dockerfile } = this;
    const predefined = this.predefined();
    const buildArgs = this.options.buildArgs ?? new Map<string, string>();
    const place = dockerfile.globalArgs[0]?.location ?? this.top;
    const globals =
      attempt(() => globalArguments(dockerfile, predefined, buildArgs), this.errors, place) ?? predefined;
    const defaultGlobals = attempt(() => globalArguments(dockerfile, predefined, new Map()), [], place);
    const names = dockerfile.globalArgs.flatMap(({ args }) => args.map((arg) => arg.name));
    const froms = dockerfile.stages.map((stage) => this.evaluateFrom(stage, globals));
    const needed = this.neededStages(froms);
    const evaluated = this.evaluateStages({ dockerfile, globals, buildArgs }, froms, needed);
    const isLookedAt = (index: number): boolean => this.looksAtAll() || needed.has(index);
    const stages = evaluated.filter(({ stage }) => isLookedAt(stage.index));
    this.errors.push(...stages.flatMap(({ errors }) => errors));
    const globalNames = new Set([...globals.keys(), ...names]);
    const fixing = new Fixing(this.reading);
    const ignore = this.compileIgnore();
    return { fixing, dockerfile, froms, stages, isLookedAt, globals, defaultGlobals, globalNames, ignore };
  }

  private looksAtAll(): boolean {
    return this.options.onlyTarget !== true && !this.options.target;
  }

  private neededStages(froms: readonly EvaluatedFrom[]): ReadonlySet<number> {
    const target = attempt(() => findTarget(this.dockerfile, this.options.target), [], this.top);
    return target === undefined ? new Set() : neededStages(froms, target);
  }

  private predefined(): Environment {
    const { options, dockerfile } = this;
    attempt(() => findTarget(dockerfile, options.target), this.errors, this.top);
    return platformArguments({
      buildPlatform: options.buildPlatform ?? LINUX,
      targetPlatform: this.targetPlatform(),
      targetStage: targetStageName(dockerfile, options.target),
      buildArgs: options.buildArgs ?? new Map(),
    });
  }

  private targetPlatform(): PlatformParts {
    return this.options.targetPlatform ?? this.options.buildPlatform ?? LINUX;
  }

  private compileIgnore(): IgnoreMatcher | undefined {
    const { ignorePatterns } = this.options;
    // A broken ignore file is the build's to refuse: it is another file.
    return ignorePatterns && attempt(() => compileIgnore(ignorePatterns), [], this.top);
  }

  private evaluateFrom(stage: Stage, globals: Environment): EvaluatedFrom {
    const image = this.expandInFrom(stage.from.image.text, stage, globals);
    const { platform: written } = stage.from;
    const platform = written === undefined ? undefined : this.expandInFrom(written, stage, globals);
    const name = image?.text ?? SCRATCH;
    const isImage =
      name !== SCRATCH && findBaseStage(this.dockerfile.stages, stage.index, name) === undefined;
    const wanted = platform?.text ?? formatPlatform(this.targetPlatform());
    const base = isImage ? this.options.baseImage?.(name, wanted) : undefined;
    return { stage, image, platform, isImage, wanted, base };
  }

  private expandInFrom(text: string, stage: Stage, globals: Environment): Expansion | undefined {
    const { escape } = this.dockerfile;
    return attempt(() => expand(text, globals, { escape }), this.errors, stage.from.location);
  }

  /** Triggers fire in the stages only that the target needs. */
  private evaluateStages(
    context: StageContext,
    froms: readonly EvaluatedFrom[],
    needed: ReadonlySet<number>,
  ): readonly EvaluatedStage[] {
    const done: EvaluatedStage[] = [];
    for (const { stage, image, base } of froms) {
      const under = findBaseStage(context.dockerfile.stages, stage.index, image?.text ?? SCRATCH);
      const fires = needed.has(stage.index);
      done.push(evaluateStage({ ...context, fires }, stage, under && done[under.index], base));
    }
    return done;
  }
}

/** An experimental check is asked for by its name and not skipped by it, as in BuildKit. */
function isOn(check: Check, { skip, experimental }: CheckOptions): boolean {
  if (check.experimental) return experimental === 'all' || experimental.includes(check.name);
  return skip !== 'all' && !skip.includes(check.name);
}

function byPlace(a: { location: SourceLocation }, b: { location: SourceLocation }): number {
  return a.location.line - b.location.line || a.location.column - b.location.column;
}

/** Without what says the same of the same place. */
function unique(warnings: readonly Warning[]): readonly Warning[] {
  const keyOf = (warning: Warning): string => `${warning.rule}:${warning.location.line}:${warning.message}`;
  return Array.from(new Map(warnings.map((warning) => [keyOf(warning), warning])).values());
}

function runChecks(context: CheckContext, options: CheckOptions): readonly Warning[] {
  const warnings = ALL_CHECKS.filter((check) => isOn(check, options)).flatMap((check) =>
    Array.from(check.find(context), (finding) => toWarning(check, finding)),
  );
  return unique(warnings).toSorted(byPlace);
}

function toProblem(error: EngineError, top: SourceLocation): Problem {
  const { message, hint, location = top, fixes } = error;
  return { message, hint, location, fixes };
}

/**
 * Finds everything that would stop a build of this text, and everything that the build checks warn of. Never
 * throws; needs nothing but its arguments. Warnings are also given for a file with errors, as far as it parses.
 */
export function checkDockerfile(text: string, options: CheckDockerfileOptions): DockerfileCheck {
  const reading = readDockerfile(text, options.file);
  const { dockerfile, errors: parseErrors } = reading;
  const checkOptions = readCheckOptions(text, options.file, options.buildArgs?.get(CHECK_ARGUMENT));
  const builder = new ContextBuilder(reading, options);
  const hasStages = dockerfile.stages.length > 0;
  const context = hasStages ? builder.build() : undefined;
  const instructions = context?.stages.flatMap((stage) => stage.instructions) ?? [];
  const errors = [
    ...parseErrors,
    ...checkOptions.errors,
    ...builder.errors,
    ...(context?.froms.flatMap((from) => Array.from(checkFrom(from, context.globalNames))) ?? []),
    ...checkStageReferences(dockerfile),
    ...instructions.flatMap((instruction) => Array.from(checkValues(instruction))),
  ];
  const top = { file: options.file, line: 1, column: 1, endLine: 1, endColumn: 1 };
  return {
    dockerfile: parseErrors.length === 0 ? dockerfile : undefined,
    errors: errors.map((error) => toProblem(error, top)).toSorted(byPlace),
    notes: checkNotes(dockerfile, checkOptions.rules)
      .map((note) => toProblem(note, top))
      .toSorted(byPlace),
    warnings: context === undefined ? [] : runChecks(context, checkOptions.options),
    warningsAreErrors: checkOptions.options.error,
  };
}
