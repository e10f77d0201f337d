import type { RecordedStage } from '../../contract/build-records-api.ts';
import type { BuildEvent, BuildRequest } from '../../contract/builds-api.ts';
import type { Digest, Platform, TransferProgress } from '../../contract/oci-types.ts';
import type { EscapeCharacter } from '../dockerfile/dockerfile.ts';
import type { RootFs } from '../filetree/root-fs.ts';
import type { Image } from '../image/image.ts';
import type { Reference } from '../oci/reference.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import type { LayerStack, Sandbox } from '../sandbox/sandbox.ts';
import type { LayerCache } from './cache/layer-cache.ts';
import type { CacheLog } from './cache/transfer/cache-log.ts';
import type { BuildSources } from './build-sources.ts';
import type { LookAhead } from './context/look-ahead.ts';
import type { ReadHostFile } from './context/read-host-file.ts';
import type { Explainer } from './explain/explainer.ts';
import type { StepForesight } from './forecast/step-foresight.ts';
import type { StageSource } from './plan/planned-stage.ts';
import type { StageState } from './stage-state.ts';
import { epochOf } from './time-rules.ts';
import type { LimitWork } from './work-limits.ts';

export type PullOptions = LongOptions & {
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
};

/** An image at its registry: nothing of it need be in the store. */
export interface RemoteBase {
  /** What the name stands for there: a manifest or an image index. */
  readonly digest: Digest;
  readonly image: Image;
  /** Brings all of it; then the tag that was asked for stands here as it stands there. */
  pull(options: PullOptions): Promise<void>;
}

/** What a build needs of the world. */
export interface BuildDeps {
  readonly store: Store;
  readonly sandbox: Sandbox;
  /** For developers; the engine's log fits. */
  readonly log: { info(fields: object, message: string): void };
  /** The time in milliseconds since 1970; the machine's clock unless given. */
  readonly clock?: (() => number) | undefined;
  /** The host's environment: for secrets by name, the SSH agent's address and nothing else. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Asks a registry for an image; undefined when there is none to ask. */
  readonly resolveBase?:
    | ((reference: Reference, platform: Platform, options: LongOptions) => Promise<RemoteBase | undefined>)
    | undefined;
  /** Reads a context's files; injected so that a test can count what is read. */
  readonly readHostFile?: ReadHostFile | undefined;
  /** Of the build context of a command that builds one and no other. */
  readonly lookAhead?: LookAhead | undefined;
}

/** What a build learns of its inputs, for its record. */
export type BuildFact =
  | { readonly type: 'dockerfile'; readonly path: string; readonly file: string; readonly text: string }
  | { readonly type: 'stages'; readonly stages: RecordedStage[] }
  /** A step has read files of a build context: the digest of their part in its cache key. */
  | { readonly type: 'read'; readonly step: string; readonly digest: Digest };

/** An entry of a stage, by its absolute path. */
export interface StageEntry {
  readonly stage: number;
  readonly source: string;
}

/** What a stage holds in the end, and what it began with. */
export interface EndedStage {
  readonly layers: LayerStack;
  readonly base: StageSource;
}

/** Learns where what a build makes comes from. */
export interface BuildTrace {
  /** What a COPY took from another stage, and the absolute path in its layer. */
  copied(step: string, path: string, entry: StageEntry): void;
  /** What a RUN's mount shows of another stage. */
  mounted(step: string, entry: StageEntry): void;
  ended(stage: number, ended: EndedStage): void;
}

export interface BuildOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: BuildEvent) => void) | undefined;
  /**
   * False for a build that only its builder looks at: its image is none of the store's, it shares no work with others,
   * and neither the cache nor what explains the next build learns of it.
   */
  readonly isKept?: boolean | undefined;
  readonly onFact?: ((fact: BuildFact) => void) | undefined;
  readonly trace?: BuildTrace | undefined;
}

/** Everything that one running build shares between its stages. */
export interface BuildRun {
  readonly request: BuildRequest;
  readonly deps: BuildDeps;
  readonly signal: AbortSignal;
  readonly emit: (event: BuildEvent) => void;
  readonly note: (fact: BuildFact) => void;
  /** When a FROM began, if it did while the build was planned: in milliseconds since 1970. */
  pullBegan(step: string): number | undefined;
  /** Waits until the layers of an image of the plan are here. Answers whether `step` has pulled them. */
  bring(image: Image, step: string): Promise<boolean>;
  /** Reports a step as failed that has not said so itself. */
  failStep(step: string): void;
  readonly cache: LayerCache;
  /** What is taken and made, for `--cache-to`. */
  readonly cacheLog: CacheLog;
  /** Stands in for the cache in a stage that must not ask it. */
  freshCache(stage: number): LayerCache;
  readonly sources: BuildSources;
  /** ARG before the first FROM, with the automatic platform arguments. */
  readonly globalArgs: ReadonlyMap<string, string>;
  readonly targetPlatform: Platform;
  /** When the build began, in milliseconds since 1970. */
  readonly startedMs: number;
  readonly escape: EscapeCharacter;
  /** Compares with the build before. */
  readonly explainer: Explainer;
  /** Protects a blob from prune until the build ends. */
  protect(digests: readonly LayerStack[number]['descriptor']['digest'][]): void;
  /** Runs work that loads the machine: not more of it at a time than is good. */
  readonly limit: LimitWork;
  /** The stack as one root file system. */
  rootFs(layers: LayerStack): Promise<RootFs>;
  /** What a layer holds, without times (`Toc.contentDigest`). */
  contentOf(layer: LayerStack[number], onProgress?: (progress: TransferProgress) => void): Promise<Digest>;
  /** Set in a forecast: then nothing runs, is fetched or written. */
  readonly foresight: StepForesight | undefined;
  readonly trace?: BuildTrace | undefined;
  /** A stage's last state; runs the stage once, however many ask. */
  stage(index: number): Promise<StageState>;
}

/** The time that files and folders get that no source has a time for, in seconds since 1970. */
export function buildTime(run: BuildRun): number {
  return epochOf(run.request) ?? Math.floor(run.startedMs / 1000);
}
