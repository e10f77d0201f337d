import { resolve } from 'node:path';
import type { z } from 'zod';
import type { dockerfileTextSchema } from '../../contract/dockerfiles-api.ts';
import { cancelled, isEngineError } from '../../contract/errors.ts';
import type { Platform } from '../../contract/oci-types.ts';
import type { Stage } from '../dockerfile/dockerfile.ts';
import { targetStageName } from '../dockerfile/find-target.ts';
import type { Environment } from '../dockerfile/expand-word.ts';
import { stageChain, type StageChain } from '../dockerfile/language/stage-chain.ts';
import {
  globalVariables,
  stageVariables,
  valuesOf,
  type Variables,
  type VariableSources,
} from '../dockerfile/language/variables-in-scope.ts';
import { platformArguments } from '../dockerfile/platform-arguments.ts';
import { readDockerfile, type DockerfileReading } from '../dockerfile/read-dockerfile.ts';
import type { ResolvedImage } from '../image/resolve-image.ts';
import { hostPlatform, parsePlatform } from '../oci/platform.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import { knownImage, toBaseImage } from './known-image.ts';

/** A Dockerfile as an editor sends it. */
export type DockerfileInput = z.input<typeof dockerfileTextSchema>;

/** One question of an editor: the text, read, and what answers may need of the store and the build context. */
export class Question {
  readonly store: Store;
  readonly reading: DockerfileReading;
  readonly target: string | undefined;
  /** The build context's folder. */
  readonly context: string | undefined;
  readonly platform: Platform;
  readonly options: LongOptions;
  private readonly buildArgs: Environment;

  constructor(store: Store, input: DockerfileInput, options: LongOptions) {
    const { text, file = 'Dockerfile', context, buildArgs = {}, target, platform = hostPlatform() } = input;
    this.store = store;
    this.reading = readDockerfile(text, file);
    this.target = target;
    this.context = context === undefined ? undefined : resolve(context);
    this.platform = platform;
    this.options = options;
    this.buildArgs = new Map(Object.entries(buildArgs));
  }

  /** The variables of the global scope, up to a line. */
  globals(upTo?: number): Variables {
    return globalVariables(this.reading.dockerfile, this.sources(undefined), upTo);
  }

  /** The values that FROM sees. */
  globalValues(): Environment {
    return valuesOf(this.globals());
  }

  chainOf(stage: Stage): StageChain {
    return stageChain(this.reading.dockerfile, stage, this.globalValues());
  }

  /** The image that a name means, if the store has it, for a platform as it is written. Rejects with CANCELLED. */
  async image(name: string, written?: string): Promise<ResolvedImage | undefined> {
    this.checkSignal();
    if (name === '' || name === 'scratch') return undefined;
    const platform = written === undefined ? undefined : platformOf(written);
    return knownImage(this.store, name, { ...this.options, platform: platform ?? this.platform });
  }

  /** The image that a chain of stages is built on, if the store has it. */
  async baseOf({ image, platform }: StageChain): Promise<ResolvedImage | undefined> {
    return this.image(image, platform);
  }

  /** The variables that a stage has on a line, with those of its base image where the store has it. */
  async variables(stage: Stage, line: number): Promise<Variables> {
    const base = await this.baseOf(this.chainOf(stage));
    return stageVariables(this.reading.dockerfile, stage, this.sources(base), line);
  }

  checkSignal(): void {
    if (this.options.signal?.aborted === true) throw cancelled('the question');
  }

  private sources(base: ResolvedImage | undefined): VariableSources {
    const predefined = platformArguments({
      buildPlatform: hostPlatform(),
      targetPlatform: this.platform,
      targetStage: targetStageName(this.reading.dockerfile, this.target),
      buildArgs: this.buildArgs,
    });
    return {
      buildArgs: this.buildArgs,
      predefined,
      baseImage: () => (base === undefined ? undefined : toBaseImage(base.image)),
    };
  }
}

/** Undefined for a text that is no platform: a build tells. */
function platformOf(text: string): Platform | undefined {
  try {
    return parsePlatform(text);
  } catch (error) {
    if (isEngineError(error, 'INVALID_INPUT')) return undefined;
    throw error;
  }
}
