import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { EngineApi } from '../../../src-main/contract/engine-api.ts';
import { openEngine } from '../../../src-main/engine/engine.ts';
import {
  hasRegistryServer,
  startRegistryServer,
  type RegistryServer,
} from '../../fixtures/registry-server.ts';
import { runVarve } from '../../fixtures/varve-cli.ts';
import { tempFolder } from '../support/temp-store.ts';

const HAS_REGISTRY = await hasRegistryServer();
const MIB = 1024 * 1024;
const DOCKERFILE = 'FROM scratch\nCOPY files /\n';

async function openApi(): Promise<{ readonly api: EngineApi; readonly root: string }> {
  const home = await tempFolder();
  const root = join(home, 'store');
  // Whoever runs the tests may be logged in somewhere.
  const engine = await openEngine({ root, version: 'test', env: { HOME: home } });
  onTestFinished(() => engine.close());
  return { api: engine.api, root };
}

/** An image with one layer of a large file that does not compress and a small one after it, at `name`. */
async function publish(folder: string, name: string): Promise<void> {
  const files = join(folder, 'context', 'files');
  await mkdir(join(files, 'models'), { recursive: true });
  await writeFile(join(files, 'models', 'large.bin'), randomBytes(9 * MIB));
  await writeFile(join(files, 'readme'), 'small\n');
  await writeFile(join(folder, 'context', 'Dockerfile'), DOCKERFILE);
  const root = join(folder, 'store');
  const built = await runVarve(root, ['build', '-t', 'models', join(folder, 'context')]);
  const pushed = await runVarve(root, ['push', 'models', name]);
  if (built.status !== 0 || pushed.status !== 0) throw new Error(built.stderr + pushed.stderr);
}

describe.skipIf(!HAS_REGISTRY)('registries', () => {
  let folder: string;
  let server: RegistryServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'varve-registries-'));
    server = await startRegistryServer(folder);
    await publish(folder, `${server.host}/team/models:1`);
  });

  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('are known from the start, from what was set, and from the names of images here', async () => {
    const { api } = await openApi();
    const plain = { mirrors: [], insecure: false };
    const settings = {
      mirrors: [{ url: 'https://one' }, { url: 'https://two', ca: '/etc/two.pem' }],
      endpoint: 'https://other/path',
      insecure: true,
      clientCertificate: '/etc/me.pem',
      clientKey: '/etc/me.key',
      blocked: true,
    };
    await api.registries.set({ registry: 'ghcr.io', settings });
    await api.images.pull({ ref: `${server.host}/team/models:1` });
    expect(await api.registries.list({})).toEqual([
      { registry: 'docker.io', origin: 'default', ...plain },
      { registry: server.host, origin: 'images', ...plain },
      { registry: 'ghcr.io', origin: 'file', ...settings },
    ]);
    expect(await api.registries.remove({ registry: 'ghcr.io' })).toEqual({ removed: true });
    expect((await api.registries.list({})).map(({ registry }) => registry)).toEqual([
      'docker.io',
      server.host,
    ]);
  });

  test('say whether they answer, and what is wrong with a mirror before them', async () => {
    const { api } = await openApi();
    const check = async (registry: string) => {
      const { ms, ...rest } = await api.registries.check({ registry });
      return { ...rest, took: ms >= 0 };
    };
    const well = { reachable: true, authenticated: true, endpoint: `http://${server.host}/v2/`, took: true };
    expect(await check(server.host)).toEqual(well);
    const mirrors = [{ url: 'http://127.0.0.1:1' }];
    await api.registries.set({ registry: server.host, settings: { mirrors, insecure: false } });
    const problem = 'cannot reach 127.0.0.1:1: it refuses the connection';
    expect(await check(server.host)).toEqual({ ...well, problem });
    const down = { reachable: false, authenticated: false, took: true, problem };
    expect(await check('127.0.0.1:1')).toEqual({ ...down, endpoint: 'https://127.0.0.1:1/v2/' });
    await api.registries.set({
      registry: server.host,
      settings: { mirrors: [], insecure: false, blocked: true },
    });
    expect(await check(server.host)).toEqual({
      ...down,
      endpoint: server.host,
      problem: `${server.host} is blocked in registries.json`,
    });
  });

  test('list the files of a layer with a part of it, and once', async () => {
    const { api } = await openApi();
    const ref = `${server.host}/team/models:1`;
    const { layers } = await api.registries.remoteImage({ ref });
    const [layer] = layers;
    if (layer === undefined) throw new Error('the image has no layer');
    const where = { ref, layer: layer.digest };
    await expect(api.registries.layerFiles({ ...where, maxBytes: 0 })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
    const top = await api.registries.layerFiles(where);
    expect(top.rows.map(({ path, sizeBytes, change }) => [path, sizeBytes, change])).toEqual([
      ['/models', 9 * MIB, 'unmodified'],
      ['/readme', 6, 'unmodified'],
    ]);
    expect(top.isProved).toBe(false);
    expect(top.fetchedBytes).toBeLessThan(4 * MIB);
    const models = await api.registries.layerFiles({ ...where, path: '/models', maxBytes: 0 });
    expect(models.rows.map(({ path }) => path)).toEqual(['/models/large.bin']);
  });

  test('are not asked for a layer that is here', async () => {
    const { api } = await openApi();
    const ref = `${server.host}/team/models:1`;
    await api.images.pull({ ref });
    const [layer] = await api.images.layers({ ref });
    if (layer === undefined) throw new Error('the image has no layer');
    const { total, isProved, fetchedBytes } = await api.registries.layerFiles({
      ref: 'localhost:1/nowhere:1',
      layer: layer.digest,
      maxBytes: 0,
    });
    expect({ total, isProved, fetchedBytes }).toEqual({ total: 2, isProved: true, fetchedBytes: 0 });
  });
});
