import type { BuildRequest } from '../../../contract/builds-api.ts';
import { EngineError, isEngineError, type SourceLocation } from '../../../contract/errors.ts';
import type { Digest, Platform } from '../../../contract/oci-types.ts';
import type { Dockerfile, Stage } from '../../dockerfile/dockerfile.ts';
import { suggest } from '../../dockerfile/did-you-mean.ts';
import { expandWord } from '../../dockerfile/expand-word.ts';
import type { StageInstruction } from '../../dockerfile/instruction.ts';
import { findBaseStage, findCopySource } from '../../dockerfile/find-stage.ts';
import { findTarget } from '../../dockerfile/find-target.ts';
import { flagValueLocation } from '../../dockerfile/flag-value-location.ts';
import { nearest } from '../../dockerfile/nearest.ts';
import { findCircle, neededStages } from '../../dockerfile/needed-stages.ts';
import { parseTrigger } from '../../dockerfile/parse-trigger.ts';
import { findReferencedStage, sourceReferences } from '../../dockerfile/source-references.ts';
import type { SourceReference } from '../../dockerfile/source-references.ts';
import type { Image } from '../../image/image.ts';
import { formatPlatform, parsePlatform } from '../../oci/platform.ts';
import { parseReference } from '../../oci/reference.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import { locateError, located, withLocation } from './locate-error.ts';
import type { BuildPlan, PlannedInstruction, PlannedStage, StageSource } from './planned-stage.ts';

/** An image, and what its name stands for: its manifest or an image index. */
export interface NamedImage {
  readonly digest: Digest;
  readonly image: Image;
}

/** What planning asks of the outside. */
export interface PlanDeps {
  readonly request: BuildRequest;
  readonly globalArgs: ReadonlyMap<string, string>;
  readonly targetPlatform: Platform;
  /** The image of that name; NOT_FOUND when there is none. `stage` is the one whose FROM names it first. */
  openImage(
    reference: string,
    platform: Platform,
    options: LongOptions & { readonly stage: Stage | undefined },
  ): Promise<NamedImage>;
  /** A named build context of that name: a folder's name, or the image that it stands for. */
  namedContext(name: string, platform: Platform): Promise<StageSource | undefined>;
}

/**
 * Resolves every name that the target stage needs, through all stages that it needs. Of stages that nothing
 * needs only FROM and the numbers in COPY --from are looked at. DOCKERFILE for a name that makes no sense or stages that need each other; NOT_FOUND for an image.
 */
export async function planBuild(dockerfile: Dockerfile, deps: PlanDeps): Promise<BuildPlan> {
  const planner = new Planner(dockerfile, deps);
  const { index } = findTarget(dockerfile, deps.request.target);
  for (const stage of dockerfile.stages) await planner.checkNames(stage);
  try {
    await planner.openBases(index);
    const target = await planner.plan(index, []);
    planner.checkCircles();
    return { stages: planner.stages, target };
  } finally {
    await planner.close();
  }
}

class Planner {
  readonly stages = new Map<number, PlannedStage>();
  private readonly dockerfile: Dockerfile;
  private readonly deps: PlanDeps;
  /** Images by platform and name, each opened once. */
  private readonly images = new Map<string, Promise<NamedImage>>();
  private readonly abort = new AbortController();

  constructor(dockerfile: Dockerfile, deps: PlanDeps) {
    this.dockerfile = dockerfile;
    this.deps = deps;
  }

  /** Begins with the base images of all stages that are needed: one that is pulled need not wait for another. */
  async openBases(target: number): Promise<void> {
    const { stages } = this.dockerfile;
    const froms = stages.map((stage) => ({ stage, image: { text: this.baseName(stage) } }));
    for (const index of neededStages(froms, stages[target] as Stage)) {
      const { stage, image } = froms[index] as (typeof froms)[number];
      const platform = this.platformOf(stage);
      const isStage = findBaseStage(stages, index, image.text) !== undefined;
      if (isStage || image.text === 'scratch') continue;
      if (await this.isContext(image.text, platform)) continue;
      // What is wrong with it is met where the stage is planned.
      this.openOnce(image.text, platform, stage).catch(() => undefined);
    }
  }

  /** Also when it cannot be opened: that is told where the stage is planned. */
  private isContext(name: string, platform: Platform): Promise<boolean> {
    return this.deps.namedContext(name, platform).then(
      (source) => source !== undefined,
      () => true,
    );
  }

  /** Ends what nobody waits for any more. */
  async close(): Promise<void> {
    this.abort.abort();
    await Promise.allSettled(this.images.values());
  }

  private openOnce(name: string, platform: Platform, stage: Stage | undefined): Promise<NamedImage> {
    const key = `${formatPlatform(platform)} ${name}`;
    const { signal } = this.abort;
    const opening = this.images.get(key) ?? this.deps.openImage(name, platform, { signal, stage });
    this.images.set(key, opening);
    return opening;
  }

  async plan(index: number, path: readonly number[]): Promise<PlannedStage> {
    const known = this.stages.get(index);
    if (known !== undefined) return known;
    const stage = this.dockerfile.stages[index] as Stage;
    if (path.includes(index)) throw this.circular(index, path);
    const planned = await this.planStage(stage, [...path, index]);
    this.stages.set(index, planned);
    return planned;
  }

  private async planStage(stage: Stage, path: readonly number[]): Promise<PlannedStage> {
    const { location } = stage.from;
    const platform = locateError(flagValueLocation(stage.from, 'platform'), () => this.platformOf(stage));
    const base = await located(stage.from.image.location, () => this.resolveBase(stage, platform));
    if (base.kind === 'stage') await located(stage.from.image.location, () => this.plan(base.index, path));
    const triggers = this.triggersOf(base, location);
    const own = stage.instructions.map((instruction) => ({
      instruction,
      location: instruction.location,
      isTrigger: false,
    }));
    const instructions = numberSteps(stage.index, [...triggers, ...own]);
    const sources = await this.resolveSources(instructions, platform, path);
    const dependsOn = new Set<number>();
    for (const source of [base, ...sources.values()])
      if (source.kind === 'stage') dependsOn.add(source.index);
    return {
      index: stage.index,
      name: stage.name,
      base,
      platform: this.platformOn(base, platform),
      location,
      instructions,
      sources,
      dependsOn,
    };
  }

  /** Refuses what makes no sense in any stage, needed or not. */
  async checkNames(stage: Stage): Promise<void> {
    const platform = locateError(flagValueLocation(stage.from, 'platform'), () => this.platformOf(stage));
    const { location } = stage.from.image;
    const name = locateError(location, () => this.baseName(stage));
    const isStage = findBaseStage(this.dockerfile.stages, stage.index, name) !== undefined;
    if (!isStage && name !== 'scratch') await located(location, () => this.checkImageName(name, platform));
    for (const instruction of stage.instructions) {
      for (const { from, numbered, location } of sourceReferences(instruction)) {
        if (numbered) locateError(location, () => this.checkNumber(from));
      }
    }
  }

  /** Stages that need each other are refused also where the target needs none of them. */
  checkCircles(): void {
    const { stages } = this.dockerfile;
    const circle = findCircle(stages);
    const [first] = circle ?? [];
    if (circle === undefined || first === undefined) return;
    throw withLocation(this.circular(first, circle), (stages[first] as Stage).from.location);
  }

  /** A named context may have a name that no image can have. */
  private async checkImageName(name: string, platform: Platform): Promise<void> {
    try {
      parseReference(name);
    } catch (error) {
      if ((await this.deps.namedContext(name, platform)) === undefined) throw error;
    }
  }

  private checkNumber(from: string): void {
    const { stages } = this.dockerfile;
    if (!/^[+-]?\d+$/.test(from) || findCopySource(stages, from) !== undefined) return;
    const hint = `The stages are counted from 0 to ${stages.length - 1}.`;
    throw new EngineError('DOCKERFILE', `there is no stage ${from}`, { hint });
  }

  /** A stage on a stage has that one's platform, and one on nothing the target's, whatever `--platform` says. */
  private platformOn(base: StageSource, written: Platform): Platform {
    if (base.kind === 'scratch') return this.deps.targetPlatform;
    return (base.kind === 'stage' ? this.stages.get(base.index)?.platform : undefined) ?? written;
  }

  private platformOf(stage: Stage): Platform {
    if (stage.from.platform === undefined) return this.deps.targetPlatform;
    const text = this.expand(stage.from.platform);
    if (text !== '') return parsePlatform(text);
    throw new EngineError('DOCKERFILE', `--platform=${stage.from.platform} is empty`, {
      hint: 'Give the variable a value with ARG before the first FROM.',
    });
  }

  private baseName(stage: Stage): string {
    const name = this.expand(stage.from.image.text);
    if (name !== '') return name;
    throw new EngineError('DOCKERFILE', `FROM ${stage.from.image.text}: the name of the base is empty`, {
      hint: 'Only ARG before the first FROM can be used in FROM; give it a value.',
    });
  }

  private async resolveBase(stage: Stage, platform: Platform): Promise<StageSource> {
    const name = this.baseName(stage);
    const context = await this.deps.namedContext(name, platform);
    if (context !== undefined) return context;
    const parent = findBaseStage(this.dockerfile.stages, stage.index, name);
    if (parent !== undefined) return { kind: 'stage', index: parent.index };
    if (name === 'scratch') return { kind: 'scratch' };
    const earlier = this.dockerfile.stages.slice(0, stage.index);
    const known = ['scratch', ...namesOf(earlier)];
    const { location } = stage.from.image;
    const { digest, image } = await this.openImage(name, platform, known, { location, stage });
    return { kind: 'image', reference: name, digest, image };
  }

  /** The image; when there is none of that name, perhaps one of the stages was meant. */
  private async openImage(
    name: string,
    platform: Platform,
    known: readonly string[],
    { location, stage }: { readonly location: SourceLocation; readonly stage?: Stage },
  ): Promise<NamedImage> {
    try {
      return await this.openOnce(name, platform, stage);
    } catch (error) {
      if (!isEngineError(error)) throw error;
      const likely = nearest(name.toLowerCase(), known);
      if (likely === undefined) throw error;
      const { code, message, cause } = error;
      throw new EngineError(code, message, { cause, location, ...suggest(likely, location) });
    }
  }

  /** ONBUILD instructions of the base, which run first in this stage and are gone after it. */
  private triggersOf(base: StageSource, location: SourceLocation): Omit<PlannedInstruction, 'step'>[] {
    return this.triggerTexts(base).map((text) => ({
      instruction: parseTrigger(text, location),
      location,
      isTrigger: true,
    }));
  }

  private triggerTexts(base: StageSource): readonly string[] {
    if (base.kind === 'image') return base.image.config.config?.OnBuild ?? [];
    if (base.kind !== 'stage') return [];
    const parent = this.stages.get(base.index)?.instructions ?? [];
    return parent.flatMap(({ instruction }) => (instruction.kind === 'onbuild' ? [instruction.trigger] : []));
  }

  private async resolveSources(
    instructions: readonly PlannedInstruction[],
    platform: Platform,
    path: readonly number[],
  ): Promise<ReadonlyMap<string, StageSource>> {
    const sources = new Map<string, StageSource>();
    for (const { instruction } of instructions) {
      for (const { from, numbered, location } of sourceReferences(instruction)) {
        const source = await located(location, () =>
          this.resolveFrom({ from, numbered, location }, platform),
        );
        if (source.kind === 'stage') {
          await located(location, () => this.plan(source.index, path));
          if (source.index > (path.at(-1) ?? 0)) throw laterStage(from, location);
        }
        sources.set(sourceKey(instruction.kind, from), source);
      }
    }
    return sources;
  }

  private async resolveFrom(
    { from, numbered, location }: SourceReference,
    platform: Platform,
  ): Promise<StageSource> {
    const context = await this.deps.namedContext(from, platform);
    if (context !== undefined) return context;
    const { stages } = this.dockerfile;
    const stage = findReferencedStage(stages, { from, numbered });
    if (stage !== undefined) return { kind: 'stage', index: stage.index };
    if (numbered) this.checkNumber(from);
    if (from === 'scratch') return { kind: 'scratch' };
    const { digest, image } = await this.openImage(from, platform, namesOf(stages), { location });
    return { kind: 'image', reference: from, digest, image };
  }

  private expand(word: string): string {
    return expandWord(word, this.deps.globalArgs, { escape: this.dockerfile.escape });
  }

  /** Whoever asked for the stage adds the place. */
  private circular(stage: number, path: readonly number[]): EngineError {
    const names = [...path.slice(path.indexOf(stage)), stage].map((index) => {
      return this.dockerfile.stages[index]?.name ?? String(index);
    });
    return new EngineError('DOCKERFILE', `circular dependency of stages: ${names.join(' needs ')}`, {
      hint: 'A stage cannot copy from itself or from a stage that is built from it.',
    });
  }
}

/** Stages are built in the order of the file. */
function laterStage(from: string, location: SourceLocation): EngineError {
  return new EngineError('DOCKERFILE', `cannot copy from stage ${from}: it is defined later`, {
    location,
    hint: 'Move that stage above this one.',
  });
}

function namesOf(stages: readonly Stage[]): readonly string[] {
  return stages.map((stage) => stage.name).filter((name) => name !== undefined);
}

/** How `PlannedStage.sources` finds what an instruction's `from` means. */
export function sourceKey(kind: string, from: string): string {
  return `${kind} ${from}`;
}

const LAYER_KINDS = ['run', 'copy', 'add', 'workdir'];

/** True for an instruction that may make a layer and is a step of its own. */
export function isStep(instruction: StageInstruction): boolean {
  return LAYER_KINDS.includes(instruction.kind);
}

/** Step 0 is FROM. */
function numberSteps(
  stage: number,
  instructions: readonly Omit<PlannedInstruction, 'step'>[],
): readonly PlannedInstruction[] {
  let step = 0;
  return instructions.map((planned) => {
    if (isStep(planned.instruction)) step += 1;
    return { ...planned, step: `${stage}.${step}` };
  });
}
