import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import {
  buildRequestSchema,
  forecastRequestSchema,
  type BuildEvent,
  type BuildRequestInput,
  type BuildResult,
  type Forecast,
} from '../../../src-main/contract/builds-api.ts';
import { readHostFile } from '../../../src-main/engine/build/context/read-host-file.ts';
import { forecastBuild } from '../../../src-main/engine/build/forecast/forecast-build.ts';
import { runBuild, type BuildDeps } from '../../../src-main/engine/build/run-build.ts';
import { stackRootFs } from '../../../src-main/engine/filetree/stack-root-fs.ts';
import type { RootFs } from '../../../src-main/engine/filetree/root-fs.ts';
import type { Image } from '../../../src-main/engine/image/image.ts';
import { openImage } from '../../../src-main/engine/image/open-image.ts';
import { silentLog } from '../../../src-main/engine/log.ts';
import type { Sandbox } from '../../../src-main/engine/sandbox/sandbox.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { tempFolder, tempStore } from '../support/temp-store.ts';

/** A context folder and a store, and what builds of them did. */
export interface BuildBench {
  readonly context: string;
  readonly store: Store;
  /** Paths of the context that were opened for reading, in order. */
  readonly read: string[];
  /** Writes files of the context. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** What a build of this request would do. */
  forecast(request?: Partial<z.input<typeof forecastRequestSchema>>): Promise<Forecast>;
  build(
    request?: Partial<BuildRequestInput>,
    signal?: AbortSignal,
    onEvent?: (event: BuildEvent) => void,
  ): Promise<BuildRun>;
}

export interface BuildRun {
  readonly result: BuildResult;
  readonly events: readonly BuildEvent[];
  readonly image: Image;
  readonly rootFs: RootFs;
}

/** For builds without RUN: whoever runs something is told. */
const noSandbox: Sandbox = {
  probe: () => Promise.resolve({ available: false }),
  run: () => Promise.reject(new Error('this build has no RUN')),
  diskUsage: () => Promise.resolve({ snapshotBytes: 0, cacheMountBytes: 0 }),
  cacheMounts: () => Promise.resolve([]),
  removeCacheMount: () => Promise.resolve(0),
  openShell: () => ({ write: () => undefined, resize: () => Promise.resolve(), ended: Promise.resolve(0) }),
  prune: () => Promise.resolve({ snapshots: 0, bytes: 0 }),
  close: () => Promise.resolve(),
};

export async function openBuildBench(
  files: Readonly<Record<string, string>> = {},
  given: { readonly store?: Store; readonly sandbox?: Sandbox } = {},
): Promise<BuildBench> {
  const context = await tempFolder();
  const store = given.store ?? (await tempStore());
  const read: string[] = [];
  const deps: BuildDeps = {
    store,
    sandbox: given.sandbox ?? noSandbox,
    log: silentLog,
    readHostFile: (node, options) => {
      read.push(node.path.slice(1));
      return readHostFile(node, options);
    },
  };
  const bench: BuildBench = {
    context,
    store,
    read,
    write: (more) => writeFiles(context, more),
    forecast: (request = {}) => forecastBuild(forecastRequestSchema.parse({ context, ...request }), deps),
    build: async (request = {}, signal, listener) => {
      const events: BuildEvent[] = [];
      const onEvent = (event: BuildEvent): void => {
        events.push(event);
        listener?.(event);
      };
      const result = await runBuild(buildRequestSchema.parse({ context, ...request }), deps, {
        onEvent,
        signal,
      });
      const image = await openImage(store, result.digest, { platform: result.platform });
      return { result, events, image, rootFs: await stackRootFs(store, image.layers) };
    },
  };
  await bench.write(files);
  return bench;
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** The steps that ended, each as `ran` or `cached`, and why. */
export function outcomes(events: readonly BuildEvent[]): readonly string[] {
  return events.flatMap((event) => {
    if (event.type !== 'step-end') return [];
    return [`${event.step} ${event.outcome}${event.reason === undefined ? '' : `: ${event.reason.text}`}`];
  });
}

/** A file's text. */
export async function textOf(rootFs: RootFs, path: string): Promise<string> {
  const node = rootFs.stat(path);
  if (node === undefined) return `no ${path}`;
  const chunks: Uint8Array[] = [];
  for await (const chunk of rootFs.open(node)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Everything in a root file system, each as `path type mode`. */
export function listing(rootFs: RootFs): readonly string[] {
  return Array.from(
    rootFs.walk('/'),
    ({ path, entry }) => `${path} ${entry.type} ${entry.mode.toString(8)}`,
  ).slice(1);
}

/** The steps of a forecast, each with why it will run. */
export function foreseen({ steps }: Forecast): readonly string[] {
  return steps.map(
    ({ step, forecast, why }) => `${step} ${forecast}${why === undefined ? '' : `: ${why.text}`}`,
  );
}
