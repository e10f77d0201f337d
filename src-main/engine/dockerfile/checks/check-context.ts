import type { BaseImage, EvaluatedInstruction, EvaluatedStage } from '../evaluate-stage.ts';
import type { Environment, Expansion } from '../expand-word.ts';
import type { Dockerfile, Stage } from '../dockerfile.ts';
import type { IgnoreMatcher } from '../ignore-file.ts';
import type { Warning } from '../warning.ts';
import type { Fixing } from './fixing.ts';
import type { Fix, SourceLocation } from '../../../contract/errors.ts';

/** FROM with its variables expanded; a part that cannot be expanded is undefined. */
export interface EvaluatedFrom {
  readonly stage: Stage;
  readonly image: Expansion | undefined;
  readonly platform: Expansion | undefined;
  /** True when `image` is the name of an image: not `scratch`, and no stage. */
  readonly isImage: boolean;
  /** The platform that the image is wanted for. */
  readonly wanted: string;
  /** What is known of the image; undefined for `scratch`, for a stage, and when nothing is. */
  readonly base: BaseImage | undefined;
}

/** All that a check looks at. */
export interface CheckContext {
  readonly fixing: Fixing;
  readonly dockerfile: Dockerfile;
  readonly froms: readonly EvaluatedFrom[];
  /** Those that are looked at. */
  readonly stages: readonly EvaluatedStage[];
  /** By the stage's index: an image that nothing needs is not looked at. */
  readonly isLookedAt: (index: number) => boolean;
  /** The global scope, with the build's arguments. */
  readonly globals: Environment;
  /** The global scope as the file alone makes it; undefined when a default cannot be expanded. */
  readonly defaultGlobals: Environment | undefined;
  /** The names of all global ARGs and of the predefined ones. */
  readonly globalNames: ReadonlySet<string>;
  readonly ignore: IgnoreMatcher | undefined;
}

/** One of the build checks. */
export interface Check {
  readonly name: string;
  /** What it wants, in general. */
  readonly detail: string;
  readonly url: string;
  /** Off unless the file asks for it with `# check=experimental=`. */
  readonly experimental: boolean;
  readonly find: (context: CheckContext) => Iterable<Finding>;
}

/** What a check found, before it gets the check's name. */
export interface Finding {
  readonly message: string;
  readonly location: SourceLocation;
  readonly focus?: SourceLocation | undefined;
  readonly fixes?: readonly Fix[] | undefined;
}

const DOCUMENTATION = 'https://docs.docker.com/go/dockerfile/rule/';

/** `StageNameCasing` -> `stage-name-casing`. */
function toPath(name: string): string {
  return name.replace(/([a-z])([A-Z])|([A-Z])([A-Z][a-z])/g, '$1$3-$2$4').toLowerCase();
}

/** A check by its name; the address of its page follows from the name. */
export function defineCheck(
  name: string,
  detail: string,
  find: Check['find'],
  options: { readonly experimental?: boolean } = {},
): Check {
  const url = `${DOCUMENTATION}${toPath(name)}/`;
  return { name, detail, url, experimental: options.experimental ?? false, find };
}

export function toWarning(check: Check, finding: Finding): Warning {
  return { rule: check.name, detail: check.detail, url: check.url, ...finding, fixes: finding.fixes ?? [] };
}

/** Every instruction of every stage, triggers included, in the order of the file. */
export function* eachInstruction(context: CheckContext): Generator<EvaluatedInstruction> {
  for (const stage of context.stages) yield* stage.instructions;
}
