import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { Platform, TransferProgress } from '../../../src-main/contract/oci-types.ts';
import { silentLog } from '../../../src-main/engine/log.ts';
import { hostPlatform } from '../../../src-main/engine/oci/platform.ts';
import { parseReference } from '../../../src-main/engine/oci/reference.ts';
import { surroundingsIn } from '../../../src-main/engine/registry/credentials/auth-file-places.ts';
import { openCredentials } from '../../../src-main/engine/registry/credentials/credentials.ts';
import { openRegistries } from '../../../src-main/engine/registry/open-registries.ts';
import {
  pullImage,
  type PulledImage,
  type PullOptions,
} from '../../../src-main/engine/registry/pull/pull-image.ts';
import { createTransport } from '../../../src-main/engine/registry/http/transport.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { startFaultProxy, type FaultProxy } from '../../fixtures/fault-proxy.ts';
import { putRemoteImage, type RemoteImage } from '../../fixtures/put-remote-image.ts';
import { startRegistryServer, type RegistryServer } from '../../fixtures/registry-server.ts';
import { tempStore } from '../support/temp-store.ts';

/** Impatient: what is waited for in earnest is over in no time here. */
const QUICK = { retrySeconds: 0.002, stallSeconds: 0.4, connectSeconds: 5 };

type Asked = Pick<PullOptions, 'signal' | 'onProgress'> & { readonly platform?: Platform };

export interface Puller {
  readonly store: Store;
  pull(name: string, options?: Asked): Promise<PulledImage>;
}

/** An empty store that pulls as these settings in its registries.json say, for a user without a home of his own. */
export async function pullerWith(
  registries: object,
  transfers: object = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Puller> {
  const store = await tempStore();
  const { root } = store;
  const config = { registries, transfers: { ...QUICK, ...transfers } };
  await writeFile(join(root, 'registries.json'), JSON.stringify(config));
  const transport = createTransport({ env });
  onTestFinished(() => transport.close());
  const surroundings = surroundingsIn({ HOME: root, XDG_RUNTIME_DIR: root, ...env });
  const credentials = openCredentials({ root, log: silentLog, surroundings });
  const parts = { store, registries: openRegistries({ root, transport, env, credentials }) };
  return {
    store,
    pull: (name, { platform = hostPlatform(), ...options } = {}) =>
      pullImage(parts, parseReference(name), {
        ...options,
        wish: { kind: 'platform', platform, attestations: true },
      }),
  };
}

/** A folder and a registry in it, for all tests of a file. */
export function useRegistry(): { readonly folder: string; readonly host: string } {
  let folder = '';
  let registry: RegistryServer | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'varve-registry-'));
    registry = await startRegistryServer(folder);
  });
  afterAll(async () => {
    await registry?.close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    get folder() {
      return folder;
    },
    get host() {
      return registry?.host ?? '';
    },
  };
}

/** A proxy that spoils answers, in front of a registry; closed when the test has finished. */
export async function faultProxy(upstream: string): Promise<FaultProxy> {
  const proxy = await startFaultProxy(upstream);
  onTestFinished(() => proxy.close());
  return proxy;
}

let count = 0;

/** An image of random layers of these sizes, in a repository of its own. */
export async function freshImage(
  host: string,
  sizes: readonly number[],
): Promise<RemoteImage & { readonly name: string }> {
  const name = `app-${(count += 1)}:1`;
  const layers = sizes.map((size) => randomBytes(size));
  return { ...(await putRemoteImage(host, name, layers)), name };
}

/** What a pull told. */
export function collector(): {
  readonly told: TransferProgress[];
  onProgress(progress: TransferProgress): void;
} {
  const told: TransferProgress[] = [];
  return { told, onProgress: (progress) => void told.push(progress) };
}

export async function isSound(store: Store): Promise<boolean> {
  return (await store.verify({})).broken.length === 0;
}
