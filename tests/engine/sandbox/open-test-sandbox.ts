import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TransferProgress } from '../../../src-main/contract/oci-types.ts';
import type { StoredLayer } from '../../../src-main/engine/filetree/layer-writer.ts';
import { silentLog } from '../../../src-main/engine/log.ts';
import { openSandbox, type OpenSandbox } from '../../../src-main/engine/sandbox/open-sandbox.ts';
import { RUNTIMES } from '../../../src-main/engine/sandbox/runtime.ts';
import type { SandboxCommand } from '../../../src-main/engine/sandbox/sandbox.ts';
import { openStore } from '../../../src-main/engine/store/open-store.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { putBusybox } from './busybox-layer.ts';

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly layer: StoredLayer | undefined;
}

export interface TestSandbox {
  readonly store: Store;
  readonly sandbox: OpenSandbox;
  readonly base: StoredLayer;
  /** Runs a shell script on the base, or on other layers. */
  run(
    script: string,
    given?: Partial<SandboxCommand>,
    signal?: AbortSignal,
    onProgress?: (progress: TransferProgress) => void,
  ): Promise<Outcome>;
  close(): Promise<void>;
}

/** A sandbox on a store of its own in a temporary folder, with a busybox image in it. */
export async function openTestSandbox(runtimes = RUNTIMES): Promise<TestSandbox> {
  const root = await mkdtemp(join(tmpdir(), 'varve-sandbox-'));
  const store = await openStore({ root });
  const sandbox = openSandbox({ store, log: silentLog, runtimes });
  const base = await putBusybox(store);
  return {
    store,
    sandbox,
    base,
    run: (script, given, signal, onProgress) =>
      run(sandbox, { ...plain(base, script), ...given }, { signal, onProgress }),
    close: async () => {
      await sandbox.close();
      await store.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

function plain(base: StoredLayer, script: string): SandboxCommand {
  return {
    layers: [base],
    args: ['/bin/sh', '-c', script],
    env: ['PATH=/bin'],
    secretEnv: [],
    cwd: '/',
    user: '',
    mounts: [],
    network: 'host',
    hostname: 'sandbox',
    addHosts: [],
  };
}

async function run(
  sandbox: OpenSandbox,
  command: SandboxCommand,
  options: Pick<Parameters<OpenSandbox['run']>[1], 'signal' | 'onProgress'>,
): Promise<Outcome> {
  const said = { stdout: '', stderr: '' };
  const { exitCode, layer } = await sandbox.run(command, {
    ...options,
    compression: 'none',
    onOutput: (stream, bytes) => {
      said[stream] += Buffer.from(bytes).toString();
    },
  });
  return { exitCode, layer, ...said };
}

/** What a layer holds but the folders that every first command makes, each as `path type mode uid:gid`. */
export function changesOf(layer: StoredLayer | undefined): readonly string[] {
  return (layer?.toc.entries ?? [])
    .filter(({ path }) => !['dev', 'proc', 'sys'].includes(path))
    .map(({ path, type, mode, uid, gid, link }) => {
      return `${path} ${type} ${mode.toString(8)} ${uid}:${gid}${link === '' ? '' : ` -> ${link}`}`;
    });
}
