import type { Digest, TransferProgress } from '../../contract/oci-types.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { StoredLayer } from '../filetree/layer-writer.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Compression } from '../oci/media-types.ts';

/** Layers from the bottom. */
export type LayerStack = readonly { readonly descriptor: Descriptor; readonly diffId: Digest }[];

/** Something visible in the container beside its root file system. `target` is absolute inside the container. */
export type SandboxMount =
  /** A subtree of a stack of layers (an earlier stage, an image). Writes are allowed unless readOnly, and discarded. */
  | {
      readonly type: 'layers';
      readonly target: string;
      readonly layers: LayerStack;
      readonly source: string;
      readonly readOnly: boolean;
    }
  /** A host folder or file, read-only in effect: writes go to a throw-away copy-on-write layer unless readOnly. */
  | { readonly type: 'host'; readonly target: string; readonly hostPath: string; readonly readOnly: boolean }
  /** A folder that outlives the build, found again by `id` (which is hashed, never used as a path: S3). */
  | {
      readonly type: 'cache';
      readonly target: string;
      readonly id: string;
      /** What the person calls it. */
      readonly name: string;
      readonly sharing: 'shared' | 'private' | 'locked';
      readonly readOnly: boolean;
      readonly uid: number;
      readonly gid: number;
      readonly mode: number;
      /** What a new cache starts with. */
      readonly initial: { readonly layers: LayerStack; readonly source: string } | undefined;
    }
  | { readonly type: 'tmpfs'; readonly target: string; readonly sizeBytes: number | undefined }
  /** Bytes that exist in memory only (a secret): a read-only file that no layer ever holds. */
  | {
      readonly type: 'secret';
      readonly target: string;
      readonly content: Uint8Array;
      readonly uid: number;
      readonly gid: number;
      readonly mode: number;
    }
  /** An SSH agent's socket on the host. */
  | {
      readonly type: 'ssh';
      readonly target: string;
      readonly hostSocket: string;
      readonly uid: number;
      readonly gid: number;
      readonly mode: number;
    };

export interface SandboxCommand {
  readonly layers: LayerStack;
  readonly args: readonly string[];
  readonly env: readonly string[];
  /** More of the environment, which is never written to a disk. */
  readonly secretEnv: readonly string[];
  readonly cwd: string;
  /** As USER has it: name or number, optionally `:group`; '' is root. Looked up inside the root file system. */
  readonly user: string;
  readonly mounts: readonly SandboxMount[];
  readonly network: 'host' | 'none';
  readonly hostname: string;
  readonly addHosts: readonly { readonly host: string; readonly ip: string }[];
  /** Standard input (a heredoc's script), nothing when absent. */
  readonly stdin?: Uint8Array | undefined;
  readonly shmSizeBytes?: number | undefined;
  /** By the kernel's names without RLIMIT_, in lower case; -1 is no limit. */
  readonly ulimits?:
    readonly { readonly name: string; readonly soft: number; readonly hard: number }[] | undefined;
}

export interface SandboxResult {
  readonly exitCode: number;
  /**
   * What the command changed, as a layer, also when it failed (undefined then when that could not be had). A command
   * that changed nothing gives an empty layer.
   */
  readonly layer: StoredLayer | undefined;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A program in a terminal of its own. */
export interface ShellSession {
  /** What the person types. */
  write(text: string): void;
  resize(size: TerminalSize): Promise<void>;
  /** The exit code; rejects as `run` does. */
  readonly ended: Promise<number>;
}

export interface SandboxProbe {
  readonly available: boolean;
  /** 'crun' or 'runc'. */
  readonly runtime?: string;
  /** What to install or allow, as an exact command where there is one. */
  readonly hint?: string;
}

/** What a prune freed, or would free. */
export interface Freed {
  readonly snapshots: number;
  readonly bytes: number;
}

/** A cache mount as it lies on the disk, with all its slots: a private one that is in use twice has two. */
export interface KeptCacheMount {
  /** Names it among all: hex digits. */
  readonly id: string;
  /** What the person calls it. */
  readonly name: string;
  readonly bytes: number;
  /** In milliseconds since 1970. */
  readonly lastUsedMs: number;
  /** Whether a command of any process has it mounted. */
  readonly inUse: boolean;
}

/**
 * Runs one command on one root file system and gives what it changed. Nothing of the host is visible but what the
 * mounts name; no process, mount or file outlives the call, however it ends (S4).
 */
export interface Sandbox {
  /** Tried by running, once a process; cheap after that. */
  probe(): Promise<SandboxProbe>;
  /** SANDBOX_UNAVAILABLE when probe says so; CANCELLED when the signal fires. */
  run(
    command: SandboxCommand,
    options: LongOptions & {
      readonly compression: Compression;
      /** No entry of the layer is younger than this, in seconds since 1970. */
      readonly latestTime?: number | undefined;
      /** Layers that were never needed on disk are unpacked before the command runs. */
      readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
      readonly onOutput: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void;
    },
  ): Promise<SandboxResult>;
  /** Runs a command in a terminal; what it changes is thrown away. The signal ends it and all that it started. */
  openShell(
    command: Promise<SandboxCommand>,
    options: LongOptions & {
      readonly size: TerminalSize;
      readonly onOutput: (bytes: Uint8Array) => void;
    },
  ): ShellSession;
  /** Bytes in snapshots and cache mounts. */
  diskUsage(): Promise<{ readonly snapshotBytes: number; readonly cacheMountBytes: number }>;
  /** Removes snapshots that no running command uses; with `cacheMounts` those too. Answers what was freed. */
  prune(options: { readonly cacheMounts: boolean; readonly dryRun: boolean }): Promise<Freed>;
  /** The cache mounts, last used first. Nothing is started when there is none. */
  cacheMounts(): Promise<readonly KeptCacheMount[]>;
  /**
   * Removes a cache mount and answers the bytes freed; slots that are in use stay. 0 when it is not there. With
   * `isForgotten`, for one that nobody will ask for again, nothing at all is left of it.
   */
  removeCacheMount(id: string, options?: { readonly isForgotten?: boolean }): Promise<number>;
  /** Ends the worker and everything in it. Idempotent. */
  close(): Promise<void>;
}
