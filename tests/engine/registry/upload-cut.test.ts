import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Digest } from '../../../src-main/contract/oci-types.ts';
import { writeImage } from '../../../src-main/engine/image/write-image.ts';
import { digestOf } from '../../../src-main/engine/oci/digest.ts';
import { hostPlatform } from '../../../src-main/engine/oci/platform.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { startHoldingProxy, type Hold, type HoldingProxy } from '../../fixtures/holding-proxy.ts';
import {
  hasRegistryServer,
  startRegistryServer,
  type RegistryServer,
} from '../../fixtures/registry-server.ts';
import { runVarve, startVarve } from '../../fixtures/varve-cli.ts';
import { file, writeLayer } from '../support/layers.ts';
import { tempStore } from '../support/temp-store.ts';

const MIB = 1024 * 1024;
const HAS_REGISTRY = await hasRegistryServer();

let folder = '';
let registry: RegistryServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'varve-cut-'));
  if (HAS_REGISTRY) registry = await startRegistryServer(folder);
});
afterAll(async () => {
  if (HAS_REGISTRY) await registry.close();
  await rm(folder, { recursive: true, force: true });
});

interface Cut {
  readonly store: Store;
  readonly proxy: HoldingProxy;
  readonly layer: Digest;
  readonly layerBytes: number;
  readonly args: readonly string[];
}

/** A push of an image with a layer of three chunks, killed when the proxy holds the chunk back. */
async function killedPush(repository: string, hold: Hold): Promise<Cut> {
  const proxy = await startHoldingProxy(registry.host, hold);
  onTestFinished(() => proxy.close());
  const store = await tempStore();
  await writeFile(
    join(store.root, 'registries.json'),
    JSON.stringify({ transfers: { chunkMiB: 1, parallel: 1 } }),
  );
  const { descriptor, diffId } = await writeLayer(store, [file('large', randomBytes(2 * MIB))], 'none');
  const image = await writeImage(store, {
    config: { ...hostPlatform(), config: {}, rootfs: { type: 'layers', diff_ids: [diffId] } },
    layers: [{ descriptor, diffId }],
  });
  const args = ['push', image.descriptor.digest, `${proxy.host}/${repository}:1`];
  const first = startVarve(store.root, args);
  const ended = new Promise((resolve) => first.once('exit', resolve));
  await Promise.race([proxy.held, ended]);
  first.kill('SIGKILL');
  await ended;
  proxy.requests.splice(0);
  return { store, proxy, layer: descriptor.digest, layerBytes: descriptor.size, args };
}

async function expectPushed({ store, layer, args }: Cut, repository: string): Promise<void> {
  expect((await runVarve(store.root, args)).status).toBe(0);
  const response = await fetch(`http://${registry.host}/v2/${repository}/blobs/${layer}`);
  expect(digestOf(new Uint8Array(await response.arrayBuffer()))).toBe(layer);
  expect((await runVarve(store.root, ['verify'])).status).toBe(0);
}

function uploads({ requests }: HoldingProxy): readonly string[] {
  const first = requests.slice(0, requests.findIndex((request) => request.startsWith('PUT')) + 1);
  return first
    .filter((request) => !request.startsWith('HEAD'))
    .map((request) => request.replace(/ \/v2.*/, ''));
}

describe.skipIf(!HAS_REGISTRY)('docker-registry, after kill -9', () => {
  test('between two chunks goes on at the byte', async () => {
    const cut = await killedPush('between', { chunk: 2, afterBytes: 0 });
    await expectPushed(cut, 'between');
    expect(uploads(cut.proxy)).toEqual([
      'GET',
      `PATCH ${MIB}-${2 * MIB - 1}`,
      `PATCH ${2 * MIB}-${cut.layerBytes - 1}`,
      'PUT',
    ]);
  });

  test('within a chunk forgets the upload, which then begins anew', async () => {
    const cut = await killedPush('within', { chunk: 2, afterBytes: 300_000 });
    await expectPushed(cut, 'within');
    expect(cut.proxy.requests).toContain(`PATCH 0-${MIB - 1}`);
  });
});
