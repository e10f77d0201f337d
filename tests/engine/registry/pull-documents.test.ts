import { describe, expect, test } from 'vitest';
import { EngineError } from '../../../src-main/contract/errors.ts';
import type { Descriptor } from '../../../src-main/engine/oci/descriptor.ts';
import { MEDIA_TYPES } from '../../../src-main/engine/oci/media-types.ts';
import { hostPlatform } from '../../../src-main/engine/oci/platform.ts';
import { mediaTypeOf } from '../../../src-main/engine/registry/remote/remote-document.ts';
import { putRemoteDocument } from '../../fixtures/put-remote-image.ts';
import { hasRegistryServer } from '../../fixtures/registry-server.ts';
import { faultProxy, freshImage, pullerWith, useRegistry } from './pull-bench.ts';

const HAS_REGISTRY = await hasRegistryServer();
const { ociIndex, ociManifest, dockerIndex, dockerManifest } = MEDIA_TYPES;

/** The type that a document is read as, or the code of the refusal. */
function readAs(document: object, claims: readonly (string | undefined)[] = []): string {
  try {
    return mediaTypeOf(Buffer.from(JSON.stringify(document)), 'app:1', claims);
  } catch (error) {
    if (error instanceof EngineError) return error.code;
    throw error;
  }
}

describe('a document is read', () => {
  const manifest = { schemaVersion: 2, config: {}, layers: [] };
  const index = { schemaVersion: 2, manifests: [] };

  test.each<[string, object, (string | undefined)[], string]>([
    ['as it and the server say', { ...manifest, mediaType: ociManifest }, [ociManifest], ociManifest],
    ['with parameters of the type', index, [undefined, `${ociIndex}; charset=utf-8`], ociIndex],
    ['as it says where the server says nothing', { ...index, mediaType: dockerIndex }, [''], dockerIndex],
    ['as the server says where it says nothing', manifest, [undefined, dockerManifest], dockerManifest],
    [
      'as it says when the server only says JSON',
      { ...index, mediaType: ociIndex },
      ['application/json'],
      ociIndex,
    ],
    ['by its members when nobody says anything', manifest, [undefined, 'text/plain'], ociManifest],
    ['by its members also as an index', index, [], ociIndex],
    [
      'not, when the server says another type',
      { ...manifest, mediaType: ociManifest },
      [dockerManifest],
      'CORRUPT',
    ],
    [
      'not, when the descriptor says another type',
      { ...manifest, mediaType: ociManifest },
      [ociIndex, ociManifest],
      'CORRUPT',
    ],
    ['not, when it could be both', { ...manifest, ...index }, [], 'CORRUPT'],
    ['not, when it is neither', { schemaVersion: 2 }, [], 'CORRUPT'],
    ['not, when it is another thing', manifest, ['application/vnd.example+json'], 'UNSUPPORTED'],
    ['not as schema 1', { schemaVersion: 1, fsLayers: [] }, ['application/json'], 'UNSUPPORTED'],
    [
      'not as what is said to be schema 1',
      manifest,
      ['application/vnd.docker.distribution.manifest.v1+prettyjws'],
      'UNSUPPORTED',
    ],
  ])('%s', (_, document, claims, expected) => {
    expect(readAs(document, claims)).toBe(expected);
  });
});

describe.skipIf(!HAS_REGISTRY)('a pull', () => {
  const registry = useRegistry();

  /** An index over these entries under a tag. */
  function putIndex(name: string, manifests: readonly object[]): Promise<Descriptor> {
    const [repository = '', tag = ''] = name.split(':');
    return putRemoteDocument(registry.host, repository, tag, { manifests }, ociIndex);
  }

  test.each([
    ['the header', { headers: { 'content-type': dockerIndex } }, 'is said to be'],
    [
      'members of both kinds',
      {
        change: (body: Buffer) => Buffer.from(body.toString().replace('{', '{"manifests":[],')),
        headers: { 'content-length': undefined },
      },
      'could be read in two ways',
    ],
  ])('refuses a manifest that lies by %s', async (_, fault, says) => {
    const image = await freshImage(registry.host, [100]);
    const proxy = await faultProxy(registry.host);
    proxy.spoil(({ kind }) => (kind === 'manifest' ? fault : undefined));
    const { pull, store } = await pullerWith({});
    await expect(pull(`${proxy.host}/${image.name}`)).rejects.toMatchObject({
      code: 'CORRUPT',
      message: expect.stringContaining(says) as unknown,
    });
    expect(store.images.list()).toEqual([]);
  });

  test('takes a manifest from a server that does not say what it is', async () => {
    const image = await freshImage(registry.host, [100]);
    const proxy = await faultProxy(registry.host);
    proxy.spoil(({ kind }) => (kind === 'manifest' ? { headers: { 'content-type': undefined } } : undefined));
    const { pull } = await pullerWith({});
    expect(await pull(`${proxy.host}/${image.name}`)).toMatchObject({
      digest: image.digest,
      mediaType: ociManifest,
    });
  });

  test('says what to do about schema 1', async () => {
    const proxy = await faultProxy(registry.host);
    const body = JSON.stringify({ schemaVersion: 1, name: 'app', fsLayers: [], history: [] });
    const headers = { 'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws' };
    proxy.spoil(({ kind }) => (kind === 'manifest' ? { answer: { status: 200, headers, body } } : undefined));
    const { pull } = await pullerWith({});
    await expect(pull(`${proxy.host}/app:1`)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('schema 1') as unknown,
      hint: expect.stringContaining('skopeo copy') as unknown,
    });
  });

  test('finds the image for this machine in indexes that lie in each other', async () => {
    const image = await freshImage(registry.host, [100]);
    const [repository = ''] = image.name.split(':');
    const { layers: _, name: __, ...descriptor } = image;
    const other = { ...descriptor, platform: { os: 'linux', architecture: 's390x' } };
    const inner = await putIndex(`${repository}:inner`, [other, { ...descriptor, platform: hostPlatform() }]);
    const outer = await putIndex(`${repository}:outer`, [inner]);
    const { pull, store } = await pullerWith({});
    expect(await pull(`${registry.host}/${repository}:outer`)).toMatchObject({ digest: outer.digest });
    expect(await store.blobs.has(image.digest)).toBe(true);
    const arm = { os: 'linux', architecture: 'arm64' };
    const hasNone = pull(`${registry.host}/${repository}:inner`, { platform: arm });
    await expect(hasNone).rejects.toMatchObject({
      code: 'NOT_FOUND',
      hint: expect.stringContaining('linux/s390x') as unknown,
    });
  });

  test('gives up on indexes that lie in each other too deeply', async () => {
    const image = await freshImage(registry.host, [100]);
    const [repository = ''] = image.name.split(':');
    let inner: Descriptor = {
      mediaType: ociManifest,
      digest: image.digest,
      size: image.size,
      platform: hostPlatform(),
    };
    for (let level = 0; level < 5; level += 1)
      inner = await putIndex(`${repository}:level-${level}`, [inner]);
    const { pull, store } = await pullerWith({});
    await pull(`${registry.host}/${repository}:level-3`);
    expect(await store.blobs.has(image.digest)).toBe(true);
    await expect(pull(`${registry.host}/${repository}:level-4`)).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
  });

  test('is not led in a circle by an index that is said to be in itself', async () => {
    const image = await freshImage(registry.host, [100]);
    const [repository = ''] = image.name.split(':');
    const inner = await putIndex(`${repository}:inner`, [
      { mediaType: ociManifest, digest: image.digest, size: image.size },
    ]);
    await putIndex(`${repository}:outer`, [inner]);
    const proxy = await faultProxy(registry.host);
    const outer = await fetch(`http://${registry.host}/v2/${repository}/manifests/outer`, {
      headers: { accept: ociIndex },
    });
    const body = Buffer.from(await outer.arrayBuffer());
    proxy.spoil(({ kind }) =>
      kind === 'manifest'
        ? { answer: { status: 200, headers: { 'content-type': ociIndex }, body } }
        : undefined,
    );
    const { pull } = await pullerWith({});
    await expect(pull(`${proxy.host}/${repository}:outer`)).rejects.toMatchObject({
      code: 'CORRUPT',
      message: expect.stringContaining(`asked for ${inner.digest}`) as unknown,
    });
    expect(proxy.requests.filter(({ kind }) => kind === 'manifest')).toHaveLength(2);
  });

  test('says how much more may be pulled', async () => {
    const image = await freshImage(registry.host, [100]);
    const proxy = await faultProxy(registry.host);
    const headers = { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '76;w=21600' };
    proxy.spoil(({ kind }) => (kind === 'manifest' ? { headers } : undefined));
    const { pull } = await pullerWith({});
    const { rateLimit } = await pull(`${proxy.host}/${image.name}`);
    expect(rateLimit).toEqual({ limit: 100, remaining: 76, windowSeconds: 21_600 });
  });
});
