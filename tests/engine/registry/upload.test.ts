import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Image } from '../../../src-main/engine/image/image.ts';
import { writeImage } from '../../../src-main/engine/image/write-image.ts';
import { hostPlatform } from '../../../src-main/engine/oci/platform.ts';
import { parseReference } from '../../../src-main/engine/oci/reference.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { startOciRegistry, type OciRegistry, type OciRegistryOptions } from '../../fixtures/oci-registry.ts';
import { runVarve, startVarve } from '../../fixtures/varve-cli.ts';
import { file, writeLayer } from '../support/layers.ts';
import { randomImage } from '../support/random-image.ts';
import { tempFolder } from '../support/temp-store.ts';
import { testEngine, type TestEngine } from '../support/test-engine.ts';

const run = promisify(execFile);
const MIB = 1024 * 1024;

interface Transfers {
  readonly chunkMiB?: number;
}

async function open(
  options: OciRegistryOptions = {},
  transfers: Transfers = {},
): Promise<TestEngine & { registry: OciRegistry }> {
  const registry = await startOciRegistry(options);
  onTestFinished(() => registry.close());
  const engine = await testEngine();
  const config = { transfers: { retrySeconds: 0.01, parallel: 1, ...transfers } };
  await writeFile(join(engine.store.root, 'registries.json'), JSON.stringify(config));
  return { ...engine, registry };
}

/** An image of one layer that does not compress. */
async function largeImage(store: Store, bytes: number): Promise<Image> {
  const layer = await writeLayer(store, [file('large', randomBytes(bytes))], 'none');
  return writeImage(store, {
    config: { ...hostPlatform(), config: {}, rootfs: { type: 'layers', diff_ids: [layer.diffId] } },
    layers: [layer],
  });
}

/** The requests for the layer, which comes first: up to the one that ends its upload. */
function ofLayer({ requests }: OciRegistry): readonly string[] {
  return requests.slice(requests.indexOf('POST uploads') + 1, requests.indexOf('PUT upload') + 1);
}

function ranges(sizes: readonly number[], from = 0): readonly string[] {
  let at = from;
  return sizes.map((size) => `PATCH upload ${at}-${(at += size) - 1}`);
}

async function expectWhole(
  { registry, store }: { registry: OciRegistry; store: Store },
  image: Image,
): Promise<void> {
  const { layers, config } = image.manifest;
  for (const { digest } of [...layers, config]) {
    expect(registry.blobs.get(digest)?.equals(await store.blobs.read(digest, { limitBytes: 64 * MIB }))).toBe(
      true,
    );
  }
}

describe('a blob is sent', () => {
  test('in one request when it fits into a chunk', async () => {
    const { api, store, registry } = await open();
    const image = await largeImage(store, 100_000);
    await api.images.push({ ref: image.descriptor.digest, target: `${registry.host}/app:1` });
    expect(ofLayer(registry)).toEqual(['PUT upload']);
    await expectWhole({ registry, store }, image);
  });

  test('in chunks of the size that registries.json says', async () => {
    const { api, store, registry } = await open({}, { chunkMiB: 1 });
    const image = await largeImage(store, 2 * MIB);
    const { size } = image.manifest.layers[0]!;
    await api.images.push({ ref: image.descriptor.digest, target: `${registry.host}/app:1` });
    expect(ofLayer(registry)).toEqual([...ranges([MIB, MIB, size - 2 * MIB]), 'PUT upload']);
    await expectWhole({ registry, store }, image);
  });

  test('in chunks no smaller than the registry takes', async () => {
    const { api, store, registry } = await open({ leastChunkBytes: 2 * MIB }, { chunkMiB: 1 });
    const image = await largeImage(store, 3 * MIB);
    const { size } = image.manifest.layers[0]!;
    await api.images.push({ ref: image.descriptor.digest, target: `${registry.host}/app:1` });
    expect(ofLayer(registry)).toEqual([...ranges([2 * MIB, size - 2 * MIB]), 'PUT upload']);
    await expectWhole({ registry, store }, image);
  });

  test('in smaller chunks where a request is too large for what stands before the registry', async () => {
    const { api, store, registry } = await open({ mostBytes: 1.5 * MIB }, { chunkMiB: 2 });
    const image = await largeImage(store, 2 * MIB);
    const { size } = image.manifest.layers[0]!;
    await api.images.push({ ref: image.descriptor.digest, target: `${registry.host}/app:1` });
    expect(ofLayer(registry)).toEqual([
      `PATCH upload 0-${2 * MIB - 1}`,
      'GET upload',
      ...ranges([MIB, MIB, size - 2 * MIB]),
      'PUT upload',
    ]);
    await expectWhole({ registry, store }, image);
  });

  test('in one request where the registry refuses chunks', async () => {
    const { api, store, registry } = await open({ noChunks: true }, { chunkMiB: 1 });
    const image = await largeImage(store, 2 * MIB);
    await api.images.push({ ref: image.descriptor.digest, target: `${registry.host}/app:1` });
    expect(ofLayer(registry)).toEqual([
      `PATCH upload 0-${MIB - 1}`,
      'DELETE upload',
      'POST uploads',
      'PUT upload',
    ]);
    await expectWhole({ registry, store }, image);
  });

  test('in one request where the registry takes but one chunk', async () => {
    const { api, store, registry } = await open({ oneChunk: true }, { chunkMiB: 1 });
    const image = await largeImage(store, 2 * MIB);
    await api.images.push({ ref: image.descriptor.digest, target: `${registry.host}/app:1` });
    expect(ofLayer(registry).slice(-2)).toEqual(['POST uploads', 'PUT upload']);
    await expectWhole({ registry, store }, image);
  });

  test('on from the byte where a chunk was cut', async () => {
    const { api, store, registry } = await open({ failing: 1 }, { chunkMiB: 1 });
    const image = await largeImage(store, 2 * MIB);
    const { size } = image.manifest.layers[0]!;
    await api.images.push({ ref: image.descriptor.digest, target: `${registry.host}/app:1` });
    expect(ofLayer(registry)).toEqual([
      `PATCH upload 0-${MIB - 1}`,
      'HEAD blobs',
      'GET upload',
      ...ranges([MIB, size - 1.5 * MIB], 0.5 * MIB),
      'PUT upload',
    ]);
    await expectWhole({ registry, store }, image);
  });

  test('on from where the registry says, when it has less than it said before', async () => {
    const { api, store, registry } = await open({ losing: 7 }, { chunkMiB: 1 });
    const image = await largeImage(store, 2 * MIB);
    await api.images.push({ ref: image.descriptor.digest, target: `${registry.host}/app:1` });
    expect(ofLayer(registry).slice(0, 4)).toEqual([
      ...ranges([MIB, MIB]),
      'GET upload',
      `PATCH upload ${MIB - 7}-${2 * MIB - 8}`,
    ]);
    await expectWhole({ registry, store }, image);
  });

  test('anew when one request in one piece has failed', async () => {
    const { api, store, registry } = await open({ failing: 1 });
    const image = await largeImage(store, 100_000);
    await api.images.push({ ref: image.descriptor.digest, target: `${registry.host}/app:1` });
    expect(registry.requests.filter((request) => request === 'POST uploads').length).toBe(3);
    await expectWhole({ registry, store }, image);
  });

  test('not at all when its bytes are damaged: the registry refuses them, and the error says why', async () => {
    const { api, store, registry } = await open();
    const image = await largeImage(store, 100_000);
    const [layer] = image.manifest.layers;
    const path = store.blobs.pathOf(layer!.digest);
    const times = join(await tempFolder(), 'times');
    await run('touch', ['-r', path, times]);
    await chmod(path, 0o644);
    await writeFile(path, Buffer.alloc(layer!.size));
    await run('touch', ['-r', times, path]);
    const target = `${registry.host}/app:1`;
    await expect(api.images.push({ ref: image.descriptor.digest, target })).rejects.toMatchObject({
      code: 'CORRUPT',
    });
    expect(registry.requests).not.toContain('PUT manifests');
  });
});

describe('a push that ends early', () => {
  test('by kill -9 goes on at the byte, and all is whole', async () => {
    const { store, registry } = await open({ holdAt: 1_500_000 }, { chunkMiB: 1 });
    const image = await largeImage(store, 2 * MIB);
    const { size } = image.manifest.layers[0]!;
    const args = ['push', image.descriptor.digest, `${registry.host}/app:1`];
    const first = startVarve(store.root, args);
    const ended = new Promise((resolve) => first.once('exit', resolve));
    await Promise.race([registry.held, ended]);
    first.kill('SIGKILL');
    await ended;
    const before = registry.requests.length;
    expect((await runVarve(store.root, args)).status).toBe(0);
    const after = registry.requests.slice(before);
    expect(after.slice(after.indexOf('GET upload'), after.indexOf('PUT upload') + 1)).toEqual([
      'GET upload',
      ...ranges([size - 1_500_000], 1_500_000),
      'PUT upload',
    ]);
    expect(after.filter((request) => request === 'POST uploads').length).toBe(1);
    await expectWhole({ registry, store }, image);
    expect((await runVarve(store.root, ['verify'])).status).toBe(0);
  });

  test('begins anew when the registry has swept what was there', async () => {
    const { api, store, registry } = await open({ holdAt: 1_500_000 }, { chunkMiB: 1 });
    const image = await largeImage(store, 2 * MIB);
    const args = ['push', image.descriptor.digest, `${registry.host}/app:1`];
    const first = startVarve(store.root, args);
    const ended = new Promise((resolve) => first.once('exit', resolve));
    await Promise.race([registry.held, ended]);
    first.kill('SIGKILL');
    await ended;
    registry.sweep();
    await api.images.push({ ref: image.descriptor.digest, target: `${registry.host}/app:1` });
    await expectWhole({ registry, store }, image);
  });

  test('by a cancel leaves nothing, here or there', async () => {
    const { api, store, registry } = await open({ holdAt: 1_500_000 }, { chunkMiB: 1 });
    const image = await largeImage(store, 2 * MIB);
    const stop = new AbortController();
    const target = `${registry.host}/app:1`;
    const pushing = api.images.push({ ref: image.descriptor.digest, target }, { signal: stop.signal });
    const outcome = expect(pushing).rejects.toMatchObject({ code: 'CANCELLED' });
    await Promise.race([registry.held, pushing.catch(() => {})]);
    stop.abort();
    await outcome;
    expect([registry.uploads(), registry.blobs.size, store.records.keys('upload')]).toEqual([0, 0, []]);
    expect(registry.requests).not.toContain('PUT manifests');
  });
});

test('a prune takes nothing of what is being pushed', async () => {
  const { api, store, registry } = await open({ holdAt: 1_500_000 }, { chunkMiB: 1 });
  const image = await largeImage(store, 2 * MIB);
  const stop = new AbortController();
  const target = `${registry.host}/app:1`;
  const pushing = api.images.push({ ref: image.descriptor.digest, target }, { signal: stop.signal });
  const outcome = expect(pushing).rejects.toMatchObject({ code: 'CANCELLED' });
  await Promise.race([registry.held, pushing.catch(() => {})]);
  const { manifest, descriptor } = image;
  const here = () =>
    Promise.all(
      [descriptor, manifest.config, ...manifest.layers].map(({ digest }) => store.blobs.has(digest)),
    );
  await store.prune({ dryRun: false, cache: true, graceMs: 0 });
  expect(await here()).toEqual([true, true, true]);
  stop.abort();
  await outcome;
  await store.prune({ dryRun: false, cache: true, graceMs: 0 });
  expect(await here()).toEqual([false, false, false]);
});

describe('a refusal is said in words:', () => {
  test.each([
    {
      what: 'a tag that may not move (ECR)',
      status: 400,
      body: {
        code: 'TAG_INVALID',
        message:
          "The image tag '1' already exists in the 'app' repository and cannot be overwritten because the repository is immutable.",
      },
      code: 'CONFLICT',
      says: 'the tag is there already and may not move',
    },
    {
      what: 'a tag that may not move (Harbor)',
      status: 412,
      body: {
        code: 'PRECONDITION',
        message: "Failed to process request due to 'app:1' configured as immutable.",
      },
      code: 'CONFLICT',
      says: 'the tag is there already and may not move',
    },
    {
      what: 'no room (Harbor)',
      status: 403,
      body: {
        code: 'DENIED',
        message:
          'adding 1.2 MiB of storage resource, which when updated to current usage of 9 MiB will exceed the configured upper limit of 10.0 MiB.',
      },
      code: 'REGISTRY',
      says: 'there is no room left for you',
    },
    {
      what: 'no right',
      status: 403,
      body: { code: 'DENIED', message: 'requested access to the resource is denied' },
      code: 'UNAUTHORIZED',
      says: 'you may not do this',
    },
    {
      what: 'no such repository',
      status: 404,
      body: { code: 'NAME_UNKNOWN', message: '' },
      code: 'NOT_FOUND',
      says: 'there is no such repository',
    },
    {
      what: 'too large',
      status: 413,
      body: { code: 'SIZE_INVALID', message: '' },
      code: 'REGISTRY',
      says: 'what is sent is too large for it',
    },
  ])('$what', async ({ status, body, code, says }) => {
    const { api, store, registry } = await open({ refuseTag: { status, body: { errors: [body] } } });
    const image = await randomImage(store, { seed: 1, layers: 1 });
    const target = `${registry.host}/app:1`;
    await expect(api.images.push({ ref: image.descriptor.digest, target })).rejects.toMatchObject({
      code,
      message: `cannot push ${target}: ${says} (${status}: ${body.message || body.code})`,
    });
  });
});

describe('a registry with the referrers API', () => {
  test('lists what was pushed by itself, page by page, and gets no tag for it', async () => {
    const { api, store, registry } = await open({ referrers: true });
    const image = await randomImage(store, { seed: 2, layers: 1 });
    const target = `${registry.host}/app`;
    await api.images.push({ ref: image.descriptor.digest, target: `${target}:1` });
    const { config } = image.manifest;
    const types = ['application/a', 'application/b', 'application/c'];
    const digests = [];
    for (const artifactType of types) {
      const document = {
        schemaVersion: 2,
        mediaType: image.descriptor.mediaType,
        artifactType,
        config,
        layers: [],
        subject: image.descriptor,
      };
      const { digest, sizeBytes } = await store.blobs.put(Buffer.from(JSON.stringify(document)));
      store.images.add({ digest, mediaType: image.descriptor.mediaType, sizeBytes });
      digests.push(digest);
      expect((await api.images.push({ ref: digest, target: `${target}@${digest}` })).notes).toEqual([]);
    }
    const listed = await api.registries.referrers({ ref: `${target}:1` });
    expect(listed.referrers.map(({ digest, artifactType }) => [digest, artifactType])).toEqual(
      digests.map((digest, i) => [digest, types[i]]),
    );
    const some = await api.registries.referrers({ ref: `${target}:1`, artifactType: 'application/b' });
    expect(some.referrers.map(({ digest }) => digest)).toEqual([digests[1]]);
    expect(await api.registries.tags({ repository: target })).toEqual({ tags: ['1'] });
  });
});

test('tags come page by page, in the registry’s order, and go on after the last', async () => {
  const { api, store, registry } = await open();
  const image = await randomImage(store, { seed: 3, layers: 1 });
  const repository = `${registry.host}/app`;
  for (const tag of ['a', 'b', 'c']) {
    store.tags.move(
      [{ reference: parseReference(`${repository}:${tag}`), digest: image.descriptor.digest }],
      'tag',
    );
    await api.images.push({ ref: `${repository}:${tag}` });
  }
  expect(await api.registries.tags({ repository, limit: 2 })).toEqual({ tags: ['a', 'b'], next: 'b' });
  expect(await api.registries.tags({ repository, limit: 2, after: 'b' })).toEqual({ tags: ['c'] });
  expect(await api.registries.deleteRemote({ ref: `${repository}:b` })).toEqual({
    deleted: 'tag',
    name: `${repository}:b`,
  });
  expect(await api.registries.tags({ repository })).toEqual({ tags: ['a', 'c'] });
});
