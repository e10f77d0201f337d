import { describe, expect, test } from 'vitest';
import {
  compareImages,
  listChildren,
  readImageFile,
  searchFiles,
} from '../../../src-main/engine/image/files-view.ts';
import { encodeImageConfig } from '../../../src-main/engine/image/encode-documents.ts';
import { imageDetail } from '../../../src-main/engine/image/image-detail.ts';
import type { Image } from '../../../src-main/engine/image/image.ts';
import { imageRows } from '../../../src-main/engine/image/image-rows.ts';
import { imageLayerRows } from '../../../src-main/engine/image/layer-rows.ts';
import { openImage } from '../../../src-main/engine/image/open-image.ts';
import { resolveImage } from '../../../src-main/engine/image/resolve-image.ts';
import { validateImage } from '../../../src-main/engine/image/validate-image.ts';
import { writeImage } from '../../../src-main/engine/image/write-image.ts';
import { digestHex, digestOf } from '../../../src-main/engine/oci/digest.ts';
import type { ImageConfig } from '../../../src-main/engine/oci/image-config.ts';
import { MEDIA_TYPES } from '../../../src-main/engine/oci/media-types.ts';
import { formatPlatform, parsePlatform } from '../../../src-main/engine/oci/platform.ts';
import { parseReference } from '../../../src-main/engine/oci/reference.ts';
import type { Store, TagCause } from '../../../src-main/engine/store/store.ts';
import { file, folder, symlink, writeLayer, type Member } from '../support/layers.ts';
import { tempStore } from '../support/temp-store.ts';

interface LayerOf {
  readonly createdBy: string;
  readonly members: readonly Member[];
}

async function makeImage(
  store: Store,
  layers: readonly LayerOf[],
  cmd = 'sh',
  platform = 'linux/amd64',
): Promise<Image> {
  const stored = [];
  for (const { members } of layers) stored.push(await writeLayer(store, members));
  const created = '2026-01-02T03:04:05Z';
  return writeImage(store, {
    config: {
      created,
      ...parsePlatform(platform),
      config: { Env: ['A=1', 'EMPTY='], Cmd: [cmd], Labels: { b: '2', a: '<1>' } },
      rootfs: { type: 'layers', diff_ids: stored.map(({ diffId }) => diffId) },
      history: [
        ...layers.map(({ createdBy }) => ({ created, created_by: createdBy })),
        { created, created_by: `CMD ["${cmd}"]`, comment: 'buildkit.dockerfile.v0', empty_layer: true },
      ],
    },
    layers: stored.map(({ descriptor, diffId }) => ({ descriptor, diffId })),
  });
}

function tag(store: Store, name: string, image: Image, cause: TagCause = 'build'): void {
  store.tags.move([{ reference: parseReference(name), digest: image.descriptor.digest }], cause);
}

const BASE: LayerOf = {
  createdBy: '/bin/sh -c #(nop) COPY dir:1 in / ',
  members: [folder('etc'), file('etc/motd', 'hello'), file('etc/old', 'old bytes'), symlink('conf', 'etc')],
};
const OWN: readonly LayerOf[] = [
  { createdBy: 'COPY app /app # buildkit', members: [folder('app'), file('app/Main.txt', 'main\n')] },
  {
    createdBy: 'RUN /bin/sh -c rm /etc/old # buildkit',
    members: [
      folder('etc'),
      file('etc/.wh.old'),
      file('etc/motd', 'changed'),
      file('app/data', Uint8Array.of(0, 1, 2)),
    ],
  },
];

async function storeWithApp(): Promise<{ store: Store; base: Image; app: Image }> {
  const store = await tempStore();
  const base = await makeImage(store, [BASE]);
  tag(store, 'base:1', base, 'load');
  const app = await makeImage(store, [BASE, ...OWN], 'app');
  tag(store, 'app:1.0', app);
  return { store, base, app };
}

describe('an image that was written', () => {
  test('is the same in every store, whole and canonical', async () => {
    const [one, other] = [await tempStore(), await tempStore()];
    const image = await makeImage(one, [BASE]);
    expect((await makeImage(other, [BASE])).descriptor).toEqual(image.descriptor);
    await validateImage(one, image.descriptor.digest);
    const config = Buffer.from(await one.blobs.read(image.imageId)).toString();
    expect(config).toContain('"Cmd":["sh"],"Labels":{"a":"\\u003c1\\u003e","b":"2"}');
    expect(await openImage(one, image.descriptor.digest)).toEqual(image);
  });

  test('keeps the layers of a Docker base as the same blobs with their OCI types', async () => {
    const store = await tempStore();
    const layer = await writeLayer(store, BASE.members);
    const { manifest } = await writeImage(store, {
      config: { ...parsePlatform('linux/amd64'), rootfs: { type: 'layers', diff_ids: [layer.diffId] } },
      layers: [{ ...layer, descriptor: { ...layer.descriptor, mediaType: MEDIA_TYPES.dockerLayerGzip } }],
    });
    expect(manifest.layers).toEqual([layer.descriptor]);
  });
});

describe('a reference', () => {
  test('finds an image by tag, digests and prefixes', async () => {
    const { store, app } = await storeWithApp();
    const { digest } = app.descriptor;
    const short = digestHex(app.imageId).slice(0, 12);
    const refs = [
      'app:1.0',
      'docker.io/library/app:1.0',
      `app@${digest}`,
      digest,
      app.imageId,
      short,
      `sha256:${short}`,
    ];
    for (const ref of refs) expect((await resolveImage(store, ref)).image, ref).toEqual(app);
  });

  test('that names nothing is told with near names', async () => {
    const { store } = await storeWithApp();
    await expect(resolveImage(store, 'app:2')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      hint: 'Near: app:1.0.',
    });
    await expect(resolveImage(store, 'bse:1')).rejects.toMatchObject({ hint: 'Near: base:1.' });
    await expect(resolveImage(store, 'deadbeef')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(resolveImage(store, 'No Name')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('that is the beginning of several digests is ambiguous', async () => {
    const store = await tempStore();
    const rootfs = { type: 'layers' as const, diff_ids: [] };
    const configs = new Map<string, ImageConfig>();
    for (let number = 0; ; number++) {
      const config = { ...parsePlatform('linux/amd64'), author: String(number), rootfs };
      const prefix = digestHex(digestOf(encodeImageConfig(config))).slice(0, 4);
      const same = configs.get(prefix);
      configs.set(prefix, config);
      if (same === undefined) continue;
      await writeImage(store, { config: same, layers: [] });
      await writeImage(store, { config, layers: [] });
      await expect(resolveImage(store, prefix)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      return;
    }
  });
});

describe('an image index', () => {
  test('leads to the wanted platform, else to the only one', async () => {
    const store = await tempStore();
    const arm = await makeImage(store, [BASE], 'sh', 'linux/arm/v6');
    const other = await makeImage(store, [BASE], 'sh', 'linux/s390x');
    const putIndex = async (
      ...images: readonly Image[]
    ): Promise<`sha256:${string}` | `sha512:${string}`> => {
      const manifests = images.map(({ descriptor, platform }) => ({ ...descriptor, platform }));
      const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests };
      return (await store.blobs.put(Buffer.from(JSON.stringify(index)))).digest;
    };
    const both = await putIndex(arm, other);
    const platform = parsePlatform('linux/arm/v6');
    expect(formatPlatform((await openImage(store, both, { platform })).platform)).toBe('linux/arm/v6');
    await expect(openImage(store, both)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      hint: 'It has: linux/arm/v6, linux/s390x.',
    });
    expect((await openImage(store, await putIndex(arm))).imageId).toBe(arm.imageId);
  });
});

describe('what is shown of an image', () => {
  test('is a row for each tag', async () => {
    const { store, app, base } = await storeWithApp();
    const rows = await imageRows(store, {});
    expect(rows.map(({ name, digest, imageId }) => ({ name, digest, imageId }))).toEqual([
      { name: 'app:1.0', digest: app.descriptor.digest, imageId: app.imageId },
      { name: 'base:1', digest: base.descriptor.digest, imageId: base.imageId },
    ]);
    const layers = app.manifest.layers.reduce((sum, { size }) => sum + size, 0);
    expect(rows[0]).toMatchObject({
      repository: 'app',
      tag: '1.0',
      createdAt: '2026-01-02T03:04:05Z',
      sizeBytes: layers + app.manifest.config.size + app.descriptor.size,
      platforms: [{ os: 'linux', architecture: 'amd64' }],
    });
    expect(await imageRows(store, { repository: 'base' })).toEqual([rows[1]]);
    store.tags.remove(parseReference('base:1'), 'untag');
    expect(await imageRows(store, {})).toEqual([rows[0]]);
    const untagged = await imageRows(store, { untagged: true });
    expect(untagged.map(({ name }) => name)).toEqual(['app:1.0', undefined]);
  });

  test('is its layers with what made them and what they changed', async () => {
    const { store, app } = await storeWithApp();
    const rows = await imageLayerRows(store, 'app:1.0');
    const seen = rows.map(({ position, origin, added, modified, removed, wastedBytes }) => {
      return { position, origin, added, modified, removed, wastedBytes };
    });
    expect(seen).toEqual([
      { position: 0, origin: 'base', added: 4, modified: 0, removed: 0, wastedBytes: 0 },
      { position: 1, origin: 'copy', added: 2, modified: 0, removed: 0, wastedBytes: 0 },
      {
        position: 2,
        origin: 'run',
        added: 1,
        modified: 1,
        removed: 1,
        wastedBytes: 'hello'.length + 'old bytes'.length,
      },
    ]);
    expect(rows.map(({ digest }) => digest)).toEqual(app.layers.map(({ descriptor }) => descriptor.digest));
  });

  test('is a document with docker keys', async () => {
    const { store, app } = await storeWithApp();
    const detail = await imageDetail(store, 'app:1.0');
    expect(detail.inspect).toMatchObject({
      Id: app.imageId,
      Digest: app.descriptor.digest,
      RepoTags: ['app:1.0'],
      RepoDigests: [`app@${app.descriptor.digest}`],
      Architecture: 'amd64',
      Os: 'linux',
      Config: { Cmd: ['app'] },
      RootFS: { Type: 'layers', Layers: app.config.rootfs.diff_ids },
    });
    expect(detail.config).toMatchObject({
      env: [
        { name: 'A', value: '1' },
        { name: 'EMPTY', value: '' },
      ],
      labels: [
        { name: 'a', value: '<1>' },
        { name: 'b', value: '2' },
      ],
    });
    expect(detail.history.map(({ layer, emptyLayer }) => ({ layer, emptyLayer }))).toEqual([
      { layer: 0, emptyLayer: false },
      { layer: 1, emptyLayer: false },
      { layer: 2, emptyLayer: false },
      { layer: undefined, emptyLayer: true },
    ]);
  });
});

describe('the files of an image', () => {
  const list = async (
    store: Store,
    params: { path: string; layer?: number; limit?: number; offset?: number },
  ) => {
    const { rows, total } = await listChildren(store, { ref: 'app:1.0', ...params }, {});
    return { rows: rows.map(({ path, change }) => `${change} ${path}`), total };
  };

  test('are listed by folder, whole and by layer, in pages', async () => {
    const { store } = await storeWithApp();
    expect(await list(store, { path: '/' })).toEqual({
      rows: ['unmodified /app', 'unmodified /etc', 'unmodified /conf'],
      total: 3,
    });
    expect(await list(store, { path: '/conf' })).toEqual({ rows: ['unmodified /etc/motd'], total: 1 });
    expect(await list(store, { path: '/', layer: 2 })).toEqual({
      rows: ['modified /app', 'modified /etc'],
      total: 2,
    });
    expect(await list(store, { path: '/etc', layer: 2 })).toEqual({
      rows: ['modified /etc/motd', 'removed /etc/old'],
      total: 2,
    });
    expect(await list(store, { path: '/', offset: 1, limit: 1 })).toEqual({
      rows: ['unmodified /etc'],
      total: 3,
    });
    await expect(list(store, { path: '/none' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(list(store, { path: '/', layer: 9 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('are found by a part of their path in any case', async () => {
    const { store } = await storeWithApp();
    const search = async (query: string, limit: number): Promise<object> => {
      const { rows, truncated } = await searchFiles(store, { ref: 'app:1.0', query, limit }, {});
      return { paths: rows.map(({ path }) => path), truncated };
    };
    expect(await search('MAIN', 10)).toEqual({ paths: ['/app/Main.txt'], truncated: false });
    expect(await search('app', 2)).toEqual({ paths: ['/app', '/app/Main.txt'], truncated: true });
  });

  test('are read in part, through links, and when the layer removed them', async () => {
    const { store } = await storeWithApp();
    const read = async (path: string, more: object = {}): Promise<object> => {
      const { base64, ...rest } = await readImageFile(store, { ref: 'app:1.0', path, ...more }, {});
      return { text: Buffer.from(base64, 'base64').toString('latin1'), ...rest };
    };
    expect(await read('/conf/motd')).toEqual({ text: 'changed', sizeBytes: 7, isText: true });
    expect(await read('/etc/motd', { layer: 1 })).toEqual({ text: 'hello', sizeBytes: 5, isText: true });
    expect(await read('/etc/old', { layer: 2 })).toEqual({ text: 'old bytes', sizeBytes: 9, isText: true });
    expect(await read('/app/Main.txt', { offset: 1, length: 2 })).toEqual({
      text: 'ai',
      sizeBytes: 5,
      isText: true,
    });
    expect(await read('/app/data')).toEqual({ text: '\0\u0001\u0002', sizeBytes: 3, isText: false });
    await expect(read('/etc/old')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(read('/etc')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('are compared between two images', async () => {
    const { store } = await storeWithApp();
    const differences = await compareImages(store, { from: 'base:1', to: 'app:1.0' }, {});
    expect(differences.map(({ path, change, type }) => `${change} ${type} ${path}`)).toEqual([
      'added directory /app',
      'added file /app/Main.txt',
      'added file /app/data',
      'modified file /etc/motd',
      'removed file /etc/old',
    ]);
  });
});
