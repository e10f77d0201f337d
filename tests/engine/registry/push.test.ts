import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Digest, TransferProgress } from '../../../src-main/contract/oci-types.ts';
import type { Image } from '../../../src-main/engine/image/image.ts';
import type { Descriptor } from '../../../src-main/engine/oci/descriptor.ts';
import { writeImage } from '../../../src-main/engine/image/write-image.ts';
import { MEDIA_TYPES } from '../../../src-main/engine/oci/media-types.ts';
import { hostPlatform } from '../../../src-main/engine/oci/platform.ts';
import { parseReference } from '../../../src-main/engine/oci/reference.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import {
  hasRegistryServer,
  startRegistryServer,
  type RegistryServer,
} from '../../fixtures/registry-server.ts';
import { file, writeLayer } from '../support/layers.ts';
import { randomImage } from '../support/random-image.ts';
import { tempFolder } from '../support/temp-store.ts';
import { testEngine } from '../support/test-engine.ts';

const run = promisify(execFile);
const HAS_REGISTRY = await hasRegistryServer();

let folder = '';
let registry: RegistryServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'varve-push-'));
  if (HAS_REGISTRY) registry = await startRegistryServer(folder, { deletable: true });
});
afterAll(async () => {
  if (HAS_REGISTRY) await registry.close();
  await rm(folder, { recursive: true, force: true });
});

/** What skopeo says that a name's digest is. */
async function digestAt(name: string): Promise<string> {
  const { stdout } = await run('skopeo', [
    'inspect',
    '--no-tags',
    '--tls-verify=false',
    '--format',
    '{{.Digest}}',
    `docker://${name}`,
  ]);
  return stdout.trim();
}

function tag(store: Store, name: string, digest: Digest): void {
  store.tags.move([{ reference: parseReference(name), digest }], 'tag');
}

/** Puts a document as an image of its own. */
async function putDocument(store: Store, document: object, mediaType: string): Promise<Descriptor> {
  const put = await store.blobs.put(
    Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...document })),
  );
  store.images.add({ digest: put.digest, mediaType, sizeBytes: put.sizeBytes });
  return { mediaType, digest: put.digest, size: put.sizeBytes };
}

function blobsOf({ manifest }: Image): readonly Digest[] {
  return [...manifest.layers, manifest.config].map(({ digest }) => digest);
}

describe.skipIf(!HAS_REGISTRY)('a push', () => {
  test('gives the registry every blob and the manifest, under the digest that it has here', async () => {
    const { api, store } = await testEngine();
    const image = await randomImage(store, { seed: 1 });
    const { digest } = image.descriptor;
    const name = `${registry.host}/first:1`;
    tag(store, name, digest);
    const result = await api.images.push({ ref: name });
    const { blobs, ...totals } = result;
    const sizes = [...image.manifest.layers, image.manifest.config, image.descriptor].map(({ size }) => size);
    expect(totals).toEqual({
      digest,
      target: name,
      sizeBytes: image.descriptor.size,
      uploadedBytes: sizes.reduce((sum, size) => sum + size, 0),
      mountedBytes: 0,
      thereBytes: 0,
      notes: [],
    });
    expect(blobs.map((blob) => [blob.digest, blob.outcome])).toEqual(
      [...blobsOf(image), digest].map((each) => [each, 'uploaded']),
    );
    expect(await digestAt(name)).toBe(digest);
  });

  test('sends nothing that is there, and mounts what another repository has', async () => {
    const { api, store } = await testEngine();
    const image = await randomImage(store, { seed: 2 });
    const ref = image.descriptor.digest;
    const outcomes = async (target: string) => {
      const { blobs } = await api.images.push({ ref, target: `${registry.host}/${target}` });
      return blobs.map(({ outcome, from }) => (from === undefined ? outcome : `${outcome} from ${from}`));
    };
    expect(await outcomes('second/one:1')).toEqual(['uploaded', 'uploaded', 'uploaded', 'uploaded']);
    expect(await outcomes('second/one:1')).toEqual(['there', 'there', 'there', 'there']);
    expect(await outcomes('second/two:1')).toEqual([
      ...Array.from({ length: 3 }, () => 'mounted from second/one'),
      'uploaded',
    ]);
    expect(await digestAt(`${registry.host}/second/two:1`)).toBe(ref);
  });

  test('mounts what was pulled from another repository of the registry', async () => {
    const { api, store } = await testEngine();
    const image = await randomImage(store, { seed: 16 });
    const base = `${registry.host}/pulled/base:1`;
    await api.images.push({ ref: image.descriptor.digest, target: base });
    const other = await testEngine();
    await other.api.images.pull({ ref: base });
    const { blobs } = await other.api.images.push({ ref: base, target: `${registry.host}/pulled/app:1` });
    expect(blobs.map(({ from }) => from)).toEqual([...blobsOf(image).map(() => 'pulled/base'), undefined]);
  });

  test('tells how far each blob is, and ends with all of them done', async () => {
    const { api, store } = await testEngine();
    const image = await randomImage(store, { seed: 17 });
    const told: TransferProgress[] = [];
    const onProgress = (progress: TransferProgress) => void told.push(progress);
    const target = `${registry.host}/told:1`;
    await api.images.push({ ref: image.descriptor.digest, target }, { onProgress });
    const blobs = [...image.manifest.layers, image.manifest.config];
    expect(told.at(-1)?.layers).toEqual(
      blobs.map(({ digest, size }) => ({ digest, bytes: size, totalBytes: size, state: 'done' })),
    );
  });

  test('is told beforehand: what is there, what is mounted, what is sent, and where the tag moves', async () => {
    const { api, store } = await testEngine();
    const [old, image] = [await randomImage(store, { seed: 3 }), await randomImage(store, { seed: 4 })];
    const target = `${registry.host}/preview:1`;
    await api.images.push({ ref: old.descriptor.digest, target });
    await api.images.push({ ref: image.descriptor.digest, target: `${registry.host}/elsewhere:1` });
    const preview = await api.registries.pushPreview({ ref: image.descriptor.digest, target });
    expect(preview).toEqual({
      target,
      blobs: [
        ...[...image.manifest.layers, image.manifest.config].map(({ digest, size }, i) => {
          const kind = i === image.manifest.layers.length ? 'config' : 'layer';
          return { digest, kind, sizeBytes: size, state: 'mount', from: 'elsewhere' };
        }),
        {
          digest: image.descriptor.digest,
          kind: 'manifest',
          sizeBytes: image.descriptor.size,
          state: 'upload',
        },
      ],
      uploadBytes: image.descriptor.size,
      from: old.descriptor.digest,
      to: image.descriptor.digest,
      notes: [],
    });
    expect(await digestAt(target)).toBe(old.descriptor.digest);
  });

  test('goes to a digest too, which must be the image’s', async () => {
    const { api, store } = await testEngine();
    const { descriptor } = await randomImage(store, { seed: 5 });
    const target = `${registry.host}/by-digest@${descriptor.digest}`;
    expect(await api.images.push({ ref: descriptor.digest, target })).toMatchObject({
      digest: descriptor.digest,
      target,
    });
    expect(await digestAt(target)).toBe(descriptor.digest);
    const other = await randomImage(store, { seed: 6 });
    await expect(api.images.push({ ref: other.descriptor.digest, target })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  test('of an index brings its images first, then the index as it is', async () => {
    const { api, store } = await testEngine();
    const [one, two] = [await randomImage(store, { seed: 7 }), await randomImage(store, { seed: 8 })];
    const index = await putDocument(
      store,
      {
        manifests: [
          { ...one.descriptor, platform: { os: 'linux', architecture: 'amd64' } },
          { ...two.descriptor, platform: { os: 'linux', architecture: 'arm64' } },
        ],
      },
      MEDIA_TYPES.ociIndex,
    );
    const target = `${registry.host}/index:1`;
    const { digest, blobs } = await api.images.push({ ref: index.digest, target });
    expect(blobs.filter(({ kind }) => kind === 'manifest').map((blob) => blob.digest)).toEqual([
      one.descriptor.digest,
      two.descriptor.digest,
      index.digest,
    ]);
    const { stdout } = await run('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${target}`]);
    expect([digest, stdout]).toEqual([
      index.digest,
      Buffer.from(await store.blobs.read(index.digest)).toString(),
    ]);
    const layout = join(await tempFolder(), 'layout');
    await run('skopeo', ['copy', '--all', '--src-tls-verify=false', `docker://${target}`, `oci:${layout}:1`]);
  });

  test('of an image of Docker’s schema 2 keeps its bytes, and what skopeo copied there comes back the same', async () => {
    const { api, store } = await testEngine();
    const { descriptor } = await randomImage(store, { seed: 15 });
    await api.images.push({ ref: descriptor.digest, target: `${registry.host}/docker:oci` });
    const docker = `docker://${registry.host}/docker:v2s2`;
    await run('skopeo', [
      'copy',
      '--src-tls-verify=false',
      '--dest-tls-verify=false',
      '--format',
      'v2s2',
      `docker://${registry.host}/docker:oci`,
      docker,
    ]);
    const { digest } = await api.images.pull({ ref: `${registry.host}/docker:v2s2` });
    const target = `${registry.host}/docker-again:1`;
    expect(await api.images.push({ ref: digest, target })).toMatchObject({ digest });
    expect([await digestAt(`${registry.host}/docker:v2s2`), await digestAt(target)]).toEqual([
      digest,
      digest,
    ]);
    expect(digest).not.toBe(descriptor.digest);
    expect((await api.registries.tagDetail({ ref: target })).mediaType).toBe(MEDIA_TYPES.dockerManifest);
  });

  test('brings an image that others unpack', async () => {
    const { api, store } = await testEngine();
    const layer = await writeLayer(store, [file('etc/motd', 'from varve\n')]);
    const image = await writeImage(store, {
      config: { ...hostPlatform(), config: {}, rootfs: { type: 'layers', diff_ids: [layer.diffId] } },
      layers: [layer],
    });
    const target = `${registry.host}/unpacked:1`;
    await api.images.push({ ref: image.descriptor.digest, target });
    const place = await tempFolder();
    await run('skopeo', [
      'copy',
      '--src-tls-verify=false',
      `docker://${target}`,
      `oci:${join(place, 'layout')}:1`,
    ]);
    await run('umoci', [
      'unpack',
      '--rootless',
      '--image',
      `${join(place, 'layout')}:1`,
      join(place, 'bundle'),
    ]);
    expect(await readFile(join(place, 'bundle', 'rootfs', 'etc', 'motd'), 'utf8')).toBe('from varve\n');
  });

  test('of an index that is not complete sends the one image that is, or by wish nothing', async () => {
    const { api, store } = await testEngine();
    const { descriptor } = await randomImage(store, { seed: 9 });
    const elsewhere = { mediaType: MEDIA_TYPES.ociManifest, digest: `sha256:${'1'.repeat(64)}`, size: 7 };
    const index = await putDocument(
      store,
      {
        manifests: [
          { ...descriptor, platform: { os: 'linux', architecture: 'amd64' } },
          { ...elsewhere, platform: { os: 'linux', architecture: 's390x' } },
        ],
      },
      MEDIA_TYPES.ociIndex,
    );
    const target = `${registry.host}/part:1`;
    await expect(api.images.push({ ref: index.digest, target, allPlatforms: true })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const { digest, notes } = await api.images.push({ ref: index.digest, target });
    expect([digest, await digestAt(target), notes.length]).toEqual([descriptor.digest, descriptor.digest, 1]);
    expect(notes[0]).toContain('linux/amd64');
  });

  test('leaves layers behind that may not be handed on, and says so', async () => {
    const { api, store } = await testEngine();
    const image = await randomImage(store, { seed: 10, layers: 1 });
    const foreign = {
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      digest: `sha256:${'2'.repeat(64)}`,
      size: 12,
      urls: ['https://example.com/layer'],
    };
    const { config, layers } = image.manifest;
    const manifest = await putDocument(
      store,
      { config, layers: [...layers, foreign] },
      MEDIA_TYPES.ociManifest,
    );
    const plan = await api.registries.pushPreview({
      ref: manifest.digest,
      target: `${registry.host}/foreign:1`,
    });
    expect(plan.blobs.map(({ digest }) => digest)).toEqual([...blobsOf(image), manifest.digest]);
    expect(plan.notes).toEqual([expect.stringContaining(foreign.digest)]);
  });

  test.each([
    ['is missing', (path: string) => rm(path)],
    ['is cut off', (path: string) => truncate(path, 1)],
    ['has other bytes', (path: string, size: number) => writeFile(path, Buffer.alloc(size))],
  ])('whose layer %s is refused before anything is sent', async (_, harm) => {
    const { api, store } = await testEngine();
    const image = await randomImage(store, { seed: 11 });
    const [layer] = image.manifest.layers;
    await run('chmod', ['u+w', store.blobs.pathOf(layer!.digest)]);
    await harm(store.blobs.pathOf(layer!.digest), layer!.size);
    const target = `${registry.host}/broken:1`;
    await expect(api.images.push({ ref: image.descriptor.digest, target })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `cannot push to ${target}: missing or damaged in the store: ${layer!.digest} (${layer!.size} bytes)`,
    });
    const { names } = await api.registries.repositories({ registry: registry.host, limit: 1000 });
    expect(names).not.toContain('broken');
  });

  test('does without a layer here that the repository has', async () => {
    const { api, store } = await testEngine();
    const image = await randomImage(store, { seed: 12 });
    const ref = image.descriptor.digest;
    await api.images.push({ ref, target: `${registry.host}/known:1` });
    await rm(store.blobs.pathOf(image.manifest.layers[0]!.digest));
    await api.images.push({ ref, target: `${registry.host}/known:2` });
    expect(await digestAt(`${registry.host}/known:2`)).toBe(ref);
  });

  test('of one image twice at once sends each blob once', async () => {
    const { api, store } = await testEngine();
    const image = await randomImage(store, { seed: 13 });
    const ref = image.descriptor.digest;
    const target = `${registry.host}/twice:1`;
    const both = await Promise.all([api.images.push({ ref, target }), api.images.push({ ref, target })]);
    const uploads = both.flatMap(({ blobs }) =>
      blobs
        .filter(({ kind, outcome }) => kind !== 'manifest' && outcome === 'uploaded')
        .map(({ digest }) => digest),
    );
    expect(uploads.sort()).toEqual([...blobsOf(image)].sort());
  });

  test('of a manifest with a subject lists it under the tag that stands in for the referrers API', async () => {
    const { api, store } = await testEngine();
    const image = await randomImage(store, { seed: 14 });
    const target = `${registry.host}/signed`;
    await api.images.push({ ref: image.descriptor.digest, target: `${target}:1` });
    const empty = await store.blobs.put(Buffer.from('{}'));
    const config = {
      mediaType: 'application/vnd.oci.empty.v1+json',
      digest: empty.digest,
      size: empty.sizeBytes,
    };
    const signatures = [];
    for (const text of ['one', 'two']) {
      const body = { artifactType: 'application/vnd.example.signature', config, layers: [config] };
      const more = { subject: image.descriptor, annotations: { text } };
      signatures.push(await putDocument(store, { ...body, ...more }, MEDIA_TYPES.ociManifest));
    }
    for (const { digest } of signatures) {
      const { notes } = await api.images.push({ ref: digest, target: `${target}@${digest}` });
      expect(notes).toEqual([expect.stringContaining(image.descriptor.digest.replace(':', '-'))]);
    }
    const listed = signatures.map(({ digest, mediaType, size }, i) => ({
      digest,
      mediaType,
      sizeBytes: size,
      artifactType: 'application/vnd.example.signature',
      annotations: { text: ['one', 'two'][i] },
    }));
    const ref = `${target}:1`;
    expect(await api.registries.referrers({ ref })).toEqual({
      subject: image.descriptor.digest,
      referrers: listed,
    });
    const others = await api.registries.referrers({ ref, artifactType: 'application/other' });
    expect(others.referrers).toEqual([]);
    await api.registries.deleteRemote({ ref: `${target}@${signatures[0]!.digest}` });
    expect((await api.registries.referrers({ ref })).referrers).toEqual([listed[1]]);
  });
});

describe.skipIf(!HAS_REGISTRY)('what a registry holds', () => {
  test('is listed page by page: repositories and tags', async () => {
    const { api, store } = await testEngine();
    const image = await randomImage(store, { seed: 20, layers: 1 });
    const names = ['paged/a', 'paged/b', 'paged/c'];
    for (const name of names) {
      await api.images.push({ ref: image.descriptor.digest, target: `${registry.host}/${name}:1` });
    }
    const first = await api.registries.repositories({ registry: registry.host, after: 'paged/', limit: 2 });
    expect(first).toEqual({ names: names.slice(0, 2), next: 'paged/b' });
    const { names: rest } = await api.registries.repositories({
      registry: registry.host,
      after: first.next,
      limit: 1,
    });
    expect(rest).toEqual(['paged/c']);
    for (const tag of ['2', '3']) {
      await api.images.push({ ref: image.descriptor.digest, target: `${registry.host}/paged/a:${tag}` });
    }
    const repository = `${registry.host}/paged/a`;
    expect(await api.registries.tags({ repository, limit: 2 })).toEqual({ tags: ['1', '2'], next: '2' });
    expect(await api.registries.tags({ repository, limit: 2, after: '2' })).toEqual({ tags: ['3'] });
  });

  test('is read without pulling: config, history and layers, also of an index', async () => {
    const { api, store } = await testEngine();
    const image = await randomImage(store, { seed: 21 });
    const entry = { ...image.descriptor, platform: hostPlatform() };
    const other = {
      ...(await randomImage(store, { seed: 22 })).descriptor,
      platform: { os: 'linux', architecture: 's390x' },
    };
    const index = await putDocument(store, { manifests: [other, entry] }, MEDIA_TYPES.ociIndex);
    const target = `${registry.host}/read:1`;
    await api.images.push({ ref: index.digest, target });
    const elsewhere = await testEngine();
    const read = await elsewhere.api.registries.remoteImage({ ref: target });
    expect(read).toMatchObject({
      digest: index.digest,
      manifest: image.descriptor.digest,
      platforms: [other.platform, hostPlatform()],
      createdAt: '2026-01-02T03:04:05Z',
      detail: { imageId: image.imageId, config: { cmd: ['sh'] } },
    });
    expect(read.layers).toEqual(
      image.manifest.layers.map(({ digest, mediaType, size }, position) => {
        const createdBy = `COPY part-${position} / # buildkit`;
        return { position, digest, mediaType, sizeBytes: size, createdBy, isHere: false };
      }),
    );
    const wanted = await elsewhere.api.registries.remoteImage({ ref: target, platform: other.platform });
    expect(wanted.manifest).toBe(other.digest);
    const nowhere = { os: 'plan9', architecture: 'mips' };
    await expect(
      elsewhere.api.registries.remoteImage({ ref: target, platform: nowhere }),
    ).rejects.toMatchObject({
      code: 'NOT_FOUND',
      hint: expect.stringContaining('linux/s390x') as string,
    });
    expect(elsewhere.store.images.list()).toEqual([]);
  });

  test('goes by digest where the registry allows it, and a single tag where it can', async () => {
    const { api, store } = await testEngine();
    const { descriptor } = await randomImage(store, { seed: 23, layers: 1 });
    const name = `${registry.host}/removed`;
    await api.images.push({ ref: descriptor.digest, target: `${name}:1` });
    await expect(api.registries.deleteRemote({ ref: `${name}:1` })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: `cannot delete ${name}:1: the registry deletes no tags (400)`,
    });
    const ref = `${name}@${descriptor.digest}`;
    expect(await api.registries.deleteRemote({ ref })).toEqual({ deleted: 'manifest', name: ref });
    await expect(api.registries.tagDetail({ ref: `${name}:1` })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
