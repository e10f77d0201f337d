import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Digest } from '../../../src-main/contract/oci-types.ts';
import type { Image } from '../../../src-main/engine/image/image.ts';
import { loadArchive } from '../../../src-main/engine/image/load/load-archive.ts';
import { resolveImage } from '../../../src-main/engine/image/resolve-image.ts';
import { saveArchive } from '../../../src-main/engine/image/save/save-archive.ts';
import { validateImage } from '../../../src-main/engine/image/validate-image.ts';
import { digestHex, digestOf } from '../../../src-main/engine/oci/digest.ts';
import { parseReference } from '../../../src-main/engine/oci/reference.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { storeState, tarOf, tempFile } from '../support/archives.ts';
import { file, folder, symlink, type Member } from '../support/layers.ts';
import { randomImage } from '../support/random-image.ts';
import { tempFolder, tempStore } from '../support/temp-store.ts';

const run = promisify(execFile);
const GOLDEN_BASE = '../shared/conformance/base/busybox.tar';

const LAYER = tarOf([folder('bin'), file('bin/app', 'program', { mode: 0o755 })]);
const OCI = 'application/vnd.oci.image';

function hasCommand(name: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((path) => existsSync(join(path, name)));
}

async function storeWithImage(seed = 1): Promise<{ store: Store; image: Image }> {
  const store = await tempStore();
  const image = await randomImage(store, { seed });
  store.tags.move([{ reference: parseReference('sample:1.0'), digest: image.descriptor.digest }], 'build');
  return { store, image };
}

async function savedImage(format: 'oci' | 'docker', seed = 1): Promise<{ path: string; image: Image }> {
  const { store, image } = await storeWithImage(seed);
  const path = join(await tempFolder(), 'saved.tar');
  await saveArchive(store, ['sample:1.0'], path, { format });
  return { path, image };
}

describe('an archive that was saved', () => {
  test.each(['oci', 'docker'] as const)('as %s loads with the same digest and its name', async (format) => {
    const { path, image } = await savedImage(format);
    const store = await tempStore();
    const { digest } = image.descriptor;
    const expected = { images: [{ digest, imageId: image.imageId, names: ['sample:1.0'] }], moved: [] };
    expect(await loadArchive(store, path)).toEqual(expected);
    await validateImage(store, digest);
    expect((await resolveImage(store, 'sample:1.0')).image).toEqual(image);
  });

  test('is the same file each time, with nothing beside it', async () => {
    const [one, other] = [await savedImage('docker'), await savedImage('docker')];
    expect(digestOf(await readFile(one.path))).toBe(digestOf(await readFile(other.path)));
    expect(await readdir(join(one.path, '..'))).toEqual(['saved.tar']);
  });

  test.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)('loads when it is compressed with %s', async (_, compress) => {
    const { path, image } = await savedImage('oci');
    const compressed = await tempFile(compress(await readFile(path)));
    expect((await loadArchive(await tempStore(), compressed)).images[0]?.digest).toBe(
      image.descriptor.digest,
    );
  });

  test('is not written at all when an image is missing or the folder is', async () => {
    const { store } = await storeWithImage();
    const target = await tempFolder();
    const save = (ref: string, path: string): Promise<unknown> =>
      saveArchive(store, [ref], path, { format: 'oci' });
    await expect(save('smaple:1.0', join(target, 'a.tar'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      hint: 'Near: sample:1.0.',
    });
    await expect(save('sample:1.0', join(target, 'no', 'a.tar'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await readdir(target)).toEqual([]);
  });

  test.skipIf(!hasCommand('skopeo'))(
    'is read by skopeo with the same digest (skipped without skopeo)',
    async () => {
      const oci = await savedImage('oci');
      const { digest } = oci.image.descriptor;
      const { stdout } = await run('skopeo', [
        'inspect',
        '--format',
        '{{.Digest}}',
        `oci-archive:${oci.path}:1.0`,
      ]);
      expect(stdout.trim()).toBe(digest);
      const docker = await savedImage('docker');
      const target = join(await tempFolder(), 'layout');
      await run('skopeo', [
        'copy',
        '--insecure-policy',
        `docker-archive:${docker.path}:sample:1.0`,
        `oci:${target}:x`,
      ]);
      const store = await tempStore();
      const [loaded] = (await loadArchive(store, target)).images;
      const { image } = await resolveImage(store, loaded!.digest);
      expect(image.config.rootfs).toEqual(docker.image.config.rootfs);
      await validateImage(store, loaded!.digest);
    },
  );

  test.skipIf(!hasCommand('skopeo'))(
    'comes back from skopeo as an older docker-archive (skipped without skopeo)',
    async () => {
      const { path, image } = await savedImage('oci');
      const legacy = join(await tempFolder(), 'legacy.tar');
      await run('skopeo', [
        'copy',
        '--insecure-policy',
        `oci-archive:${path}:1.0`,
        `docker-archive:${legacy}:sample:2`,
      ]);
      const store = await tempStore();
      const [loaded] = (await loadArchive(store, legacy)).images;
      expect(loaded?.names).toEqual(['sample:2']);
      await validateImage(store, loaded!.digest);
      const { image: again } = await resolveImage(store, 'sample:2');
      expect(again.layers).toEqual(image.layers);
    },
  );

  test.skipIf(!hasCommand('umoci') || !hasCommand('skopeo'))(
    'is unpacked by umoci to the same files (skipped without umoci and skopeo)',
    async () => {
      const { path, image } = await savedImage('oci');
      const layout = join(await tempFolder(), 'layout');
      await mkdir(layout);
      await run('tar', ['-xf', path, '-C', layout]);
      const bundle = join(await tempFolder(), 'bundle');
      await run('umoci', ['unpack', '--rootless', '--image', `${layout}:1.0`, bundle]);
      const { store } = await storeWithImage();
      const { stackRootFs } = await import('../../../src-main/engine/filetree/stack-root-fs.ts');
      const rootFs = await stackRootFs(store, image.layers);
      for (const { path: at, entry } of rootFs.walk('/')) {
        if (entry.type !== 'file') continue;
        expect(digestOf(await readFile(join(bundle, 'rootfs', at)))).toBe(entry.contentDigest);
      }
    },
  );
});

describe('loading', () => {
  test.skipIf(!existsSync(GOLDEN_BASE))(
    'the golden base keeps its digest (skipped without the goldens)',
    async () => {
      const store = await tempStore();
      const { images } = await loadArchive(store, GOLDEN_BASE);
      expect(images).toEqual([
        {
          digest: 'sha256:f0dfed707fd9a1a07688db60eb51449668bad18cfec2ebf595639827e2ed7adc',
          imageId: 'sha256:d5514473bac6ad00ba6067ecb2db1d3edeee46f4194de066ffac35d21b82b162',
          names: ['busybox:latest'],
        },
      ]);
      await validateImage(store, images[0]!.digest);
    },
  );

  test('a legacy docker-archive with linked layers, whatever its order', async () => {
    const store = await tempStore();
    const path = await tempFile(tarOf(legacyArchive('app:1').toReversed()));
    const { images } = await loadArchive(store, path);
    await validateImage(store, images[0]!.digest);
    const { image } = await resolveImage(store, 'app:1');
    expect(image.config.rootfs.diff_ids).toEqual([digestOf(LAYER), digestOf(LAYER)]);
    expect(image.imageId).toBe(digestOf(legacyConfig()));
  });

  test('tells which tags move and moves none in a dry run', async () => {
    const { path } = await savedImage('oci', 2);
    const { store, image: before } = await storeWithImage(1);
    const state = await storeState(store);
    const dry = await loadArchive(store, path, { dryRun: true });
    expect(await storeState(store)).toEqual(state);
    const { moved, images } = await loadArchive(store, path);
    const [event] = moved;
    expect(event).toMatchObject({ name: 'sample:1.0', from: before.descriptor.digest, cause: 'load' });
    expect(dry).toEqual({ images, moved: [{ ...event, id: 0, at: dry.moved[0]?.at }] });
    expect(await loadArchive(store, path)).toEqual({ images, moved: [] });
  });

  test('an archive that is cut off anywhere gives one error and leaves nothing', async () => {
    const { path } = await savedImage('docker');
    const bytes = await readFile(path);
    const store = await tempStore();
    const empty = await storeState(store);
    for (const share of [0.1, 0.4, 0.7, 0.95]) {
      const cut = await tempFile(bytes.subarray(0, Math.floor(bytes.length * share)));
      await expect(loadArchive(store, cut)).rejects.toMatchObject({ name: 'EngineError' });
    }
    expect(await storeState(store)).toEqual(empty);
    expect(await readdir(join(store.root, 'ingest'))).toEqual([]);
  });

  test.each(hostileArchives())('refuses %s and leaves nothing', async (_, members, code) => {
    const store = await tempStore();
    const empty = await storeState(store);
    await expect(loadArchive(store, await tempFile(tarOf(members)))).rejects.toMatchObject({ code });
    expect(await storeState(store)).toEqual(empty);
    expect(await readdir(join(store.root, 'ingest'))).toEqual([]);
  });

  test('says when there is no such file, and when it is no archive', async () => {
    const store = await tempStore();
    await expect(loadArchive(store, '/no/such.tar')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const text = await tempFile(Buffer.from('this is not an archive'.repeat(100)));
    await expect(loadArchive(store, text)).rejects.toMatchObject({ code: 'CORRUPT' });
    const other = await tempFile(tarOf([file('readme', 'hello')]));
    await expect(loadArchive(store, other)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

function legacyConfig(diffIds: readonly Digest[] = [digestOf(LAYER), digestOf(LAYER)]): Buffer {
  const rootfs = { type: 'layers', diff_ids: diffIds };
  return Buffer.from(
    JSON.stringify({ architecture: 'amd64', os: 'linux', config: { Cmd: ['/bin/app'] }, rootfs }),
  );
}

function legacyArchive(tag: string, config = legacyConfig(), layer = LAYER): readonly Member[] {
  const name = `${digestHex(digestOf(config))}.json`;
  const manifest = [{ Config: name, RepoTags: [tag], Layers: ['a/layer.tar', 'b/layer.tar'] }];
  return [
    file(`./${name}`.slice(2), config),
    folder('a'),
    file('a/VERSION', '1.0'),
    file('a/layer.tar', layer),
    folder('b'),
    symlink('b/layer.tar', '../a/layer.tar'),
    file('manifest.json', JSON.stringify(manifest)),
  ];
}

function layout(index: object, ...blobs: readonly Buffer[]): readonly Member[] {
  const stored = blobs.map((blob) => file(`blobs/sha256/${digestHex(digestOf(blob))}`, blob));
  return [
    ...stored,
    file('index.json', JSON.stringify(index)),
    file('oci-layout', '{"imageLayoutVersion":"1.0.0"}'),
  ];
}

function describeBlob(mediaType: string, bytes: Buffer): { mediaType: string; digest: Digest; size: number } {
  return { mediaType: `${OCI}.${mediaType}`, digest: digestOf(bytes), size: bytes.length };
}

/** A layout with one image, its documents as `change` has them. */
function layoutWith(
  layer: Buffer,
  config: Buffer,
  change: (manifest: object) => object = (same) => same,
): readonly Member[] {
  const document = {
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: describeBlob('config.v1+json', config),
    layers: [describeBlob('layer.v1.tar', layer)],
  };
  const manifest = Buffer.from(JSON.stringify(change(document)));
  const manifests = [describeBlob('manifest.v1+json', manifest)];
  return layout({ schemaVersion: 2, manifests }, layer, config, manifest);
}

function hostileArchives(): readonly (readonly [string, readonly Member[], string])[] {
  const config = legacyConfig([digestOf(LAYER)]);
  const outside = Buffer.from(tarOf([file('xx/passwd', 'root')]));
  outside.write('../passwd\0', 0, 'latin1');
  outside.write('        ', 148, 'latin1');
  const sum = outside.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  outside.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  const dangling = tarOf([{ entry: { ...file('a').entry, type: 'hardlink', link: 'missing' } }]);
  const wrongName = file(`blobs/sha256/${'0'.repeat(64)}`, 'other bytes');
  return [
    ['a blob that is not what its name says', [wrongName, file('index.json', '{}')], 'CORRUPT'],
    ['a layer with another diff ID', layoutWith(outside, config), 'CORRUPT'],
    ['a layer whose paths lead out', layoutWith(outside, legacyConfig([digestOf(outside)])), 'CORRUPT'],
    [
      'a layer with a hard link to nothing',
      layoutWith(dangling, legacyConfig([digestOf(dangling)])),
      'CORRUPT',
    ],
    ['fewer diff IDs than layers', layoutWith(LAYER, legacyConfig([])), 'CORRUPT'],
    [
      'a manifest that is also an index',
      layoutWith(LAYER, config, (m) => ({ ...m, manifests: [] })),
      'CORRUPT',
    ],
    [
      'a manifest that claims another type',
      layoutWith(LAYER, config, (m) => ({ ...m, mediaType: `${OCI}.index.v1+json` })),
      'CORRUPT',
    ],
    ['a missing blob', layoutWith(LAYER, config).slice(1), 'CORRUPT'],
    ['a name that is none', legacyArchive('../../etc'), 'INVALID_INPUT'],
    [
      'a config that is not what its name says',
      [file(`${'1'.repeat(64)}.json`, '{}'), ...legacyArchive('app:1').slice(1)],
      'CORRUPT',
    ],
    [
      'links that go round',
      [
        ...legacyArchive('app:1').filter(({ entry }) => entry.path !== 'a/layer.tar'),
        symlink('a/layer.tar', '../b/layer.tar'),
      ],
      'CORRUPT',
    ],
    ['an empty layout', layout({ schemaVersion: 2, manifests: [] }), 'INVALID_INPUT'],
  ];
}
