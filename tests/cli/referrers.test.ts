import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import { partName } from '../../src-main/contract/part-name.ts';
import { referrerName } from '../../src-main/contract/referrer-name.ts';
import { openEngine } from '../../src-main/engine/engine.ts';
import type { Descriptor } from '../../src-main/engine/oci/descriptor.ts';
import { MEDIA_TYPES } from '../../src-main/engine/oci/media-types.ts';
import { hostPlatform } from '../../src-main/engine/oci/platform.ts';
import { startFaultProxy, type FaultProxy } from '../fixtures/fault-proxy.ts';
import { putRemoteBlob, putRemoteDocument, putRemoteImage } from '../fixtures/put-remote-image.ts';
import { hasRegistryServer, startRegistryServer, type RegistryServer } from '../fixtures/registry-server.ts';
import { useWorkshop } from './support/use-workshop.ts';

const EMPTY_TAR = Buffer.alloc(1024);
const SBOM = 'application/spdx+json';
const PROVENANCE = 'https://slsa.dev/provenance/v1';
const { os, architecture } = hostPlatform();

const workshop = useWorkshop();

describe.skipIf(!(await hasRegistryServer()))('what refers to an image', () => {
  let registry: RegistryServer;
  let image: Descriptor;
  let sbom: Descriptor;
  let signature: Descriptor;

  beforeAll(async () => {
    registry = await startRegistryServer(workshop.folder);
    image = await putRemoteImage(registry.host, 'app:1', [EMPTY_TAR]);
    sbom = await putReferrer('app', image, SBOM, Buffer.from('{"spdxVersion":"SPDX-2.3"}'));
    signature = await putCosign('app', image, 'sig', 'application/vnd.dev.cosign.simplesigning.v1+json', {});
  });
  afterAll(() => registry.close());

  /** Puts an artifact that names its subject, and lists it as clients do where a registry has no API for it. */
  async function putReferrer(
    repository: string,
    { mediaType, digest, size }: Descriptor,
    artifactType: string,
    content: Uint8Array,
  ): Promise<Descriptor> {
    const { host } = registry;
    const config = await putRemoteBlob(host, repository, Buffer.from('{}'));
    const layer = { ...(await putRemoteBlob(host, repository, content)), mediaType: artifactType };
    const manifest = {
      artifactType,
      config: { ...config, mediaType: 'application/vnd.oci.empty.v1+json' },
      layers: [layer],
      subject: { mediaType, digest, size },
    };
    const put = await putRemoteDocument(host, repository, 'by-name', manifest, MEDIA_TYPES.ociManifest);
    const list = { manifests: [{ ...put, artifactType }] };
    await putRemoteDocument(host, repository, tagOf(digest), list, MEDIA_TYPES.ociIndex);
    return put;
  }

  /** Puts what cosign keeps beside an image, under the tag that says so. */
  async function putCosign(
    repository: string,
    { digest }: Descriptor,
    suffix: string,
    mediaType: string,
    annotations: Readonly<Record<string, string>>,
  ): Promise<Descriptor> {
    const { host } = registry;
    const config = {
      ...(await putRemoteBlob(host, repository, Buffer.from('{}'))),
      mediaType: MEDIA_TYPES.ociConfig,
    };
    const bytes = Buffer.from(`${suffix} of ${digest}`);
    const layer = { ...(await putRemoteBlob(host, repository, bytes)), mediaType, annotations };
    const tag = `${tagOf(digest)}.${suffix}`;
    return putRemoteDocument(host, repository, tag, { config, layers: [layer] }, MEDIA_TYPES.ociManifest);
  }

  function tagOf(digest: string): string {
    return digest.replace(':', '-');
  }

  /** An engine on a store of that name, which may be there from before. */
  async function openApi(store: string): Promise<EngineApi> {
    const root = join(workshop.folder, store);
    // Whoever runs the tests may be logged in somewhere.
    const engine = await openEngine({ root, version: 'test', env: { HOME: workshop.folder } });
    onTestFinished(() => engine.close());
    return engine.api;
  }

  /** What is shown below the only image of a store. */
  async function shown(api: EngineApi): Promise<string[]> {
    const rows = await api.images.list({ untagged: true });
    expect(rows).toHaveLength(1);
    return rows.flatMap(({ parts, referrers }) => [
      ...parts.map((part) => partName(part, parts)),
      ...referrers.map((referrer) => referrerName(referrer, parts)),
    ]);
  }

  test('comes with it, is shown as what it is, and is no image of its own', async () => {
    const ref = `${registry.host}/app:1`;
    await workshop.out(['pull', '-q', '--no-referrers', ref]);
    expect(await workshop.out(['inspect', ref])).not.toContain('Referrers');
    await workshop.out(['pull', '-q', ref]);
    const tree = (await workshop.out(['images', '-a', '--tree'])).trimEnd().split('\n').slice(1);
    expect(tree.map((line) => line.replace(/ +[0-9a-f]{12} .*$/, ''))).toEqual([
      ref,
      '├─ signature',
      `└─ SBOM (${SBOM})`,
    ]);
    const stdout = await workshop.out(['inspect', ref]);
    const [{ Referrers }] = JSON.parse(stdout) as [{ Referrers: object[] }];
    const { digest: Subject, mediaType } = image;
    expect(Referrers).toEqual([
      {
        ID: signature.digest,
        Descriptor: { mediaType, digest: signature.digest },
        Kind: 'signature',
        Subject,
        Size: { Content: expect.any(Number) as number },
        Tag: `${tagOf(Subject)}.sig`,
      },
      {
        ID: sbom.digest,
        Descriptor: { mediaType, digest: sbom.digest },
        Kind: 'sbom',
        Subject,
        Size: { Content: expect.any(Number) as number },
        Types: [SBOM],
      },
    ]);
  });

  test('lives as long as it does', async () => {
    const api = await openApi('lives');
    const name = `${registry.host}/app@${image.digest}`;
    await api.images.pull({ ref: name });
    const before = await shown(api);
    const blobs = (): Promise<string[]> => readdir(join(workshop.folder, 'lives', 'blobs', 'sha256'));
    await api.store.prune({ dryRun: false, graceMs: 0 });
    expect(await shown(api)).toEqual(before);
    expect(await blobs()).toHaveLength(8);
    expect((await api.store.verify({})).broken).toEqual([]);
    await api.images.untag({ name });
    await api.store.prune({ dryRun: false, graceMs: 0 });
    expect(await blobs()).toEqual([]);
    expect((await api.store.verify({})).broken).toEqual([]);
  });

  test('is told of the index and of its image', async () => {
    const entry = { ...image, platform: { os, architecture } };
    const index = await putRemoteDocument(
      registry.host,
      'app',
      'many',
      { manifests: [entry] },
      MEDIA_TYPES.ociIndex,
    );
    await putCosign('app', index, 'att', 'application/vnd.dsse.envelope.v1+json', {
      predicateType: PROVENANCE,
    });
    const named = `${os}/${architecture}`;
    const api = await openApi('many');
    await api.images.pull({ ref: `${registry.host}/app:many` });
    expect(await shown(api)).toEqual([
      named,
      `signature of ${named}`,
      'attestation (slsa.dev/provenance/v1)',
      `SBOM of ${named} (${SBOM})`,
    ]);
  });

  test('goes with it to another registry, and takes the place of nothing there', async () => {
    const [ref, target] = [`${registry.host}/app:1`, `${registry.host}/copy:1`];
    const [api, other] = [await openApi('pushing'), await openApi('copied')];
    await api.images.pull({ ref });
    const preview = await api.registries.pushPreview({ ref, target });
    const { blobs } = await api.images.push({ ref, target });
    const digests = blobs.map(({ digest }) => digest);
    expect(digests).toEqual(expect.arrayContaining([image.digest, signature.digest, sbom.digest]));
    expect(preview.blobs.map(({ digest }) => digest).sort()).toEqual(digests.sort());
    await other.images.pull({ ref: target });
    expect(await shown(other)).toEqual(await shown(api));
    const { digest } = await putCosign('copy', image, 'sig', 'application/other', {});
    const again = await api.images.push({ ref, target });
    expect(again.notes).toContainEqual(expect.stringContaining(`.sig names ${digest}`));
  });

  test('is told of when an archive leaves it out', async () => {
    const ref = `${registry.host}/app:1`;
    const api = await openApi('saving');
    await api.images.pull({ ref });
    const path = join(workshop.folder, 'saved.tar');
    const { notes } = await api.images.save({ refs: [ref], path, format: 'oci' });
    expect(notes).toEqual([expect.stringContaining('2 that refer to')]);
  });

  test('is left at the registry where it is too much', async () => {
    const big = await putRemoteImage(registry.host, 'big:1', [Buffer.from('a big one')]);
    const { digest } = await putReferrer('big', big, SBOM, Buffer.alloc(33 * 1024 * 1024));
    const api = await openApi('small');
    const { notes } = await api.images.pull({ ref: `${registry.host}/big:1` });
    expect(await shown(api)).toEqual([]);
    expect(notes).toEqual([expect.stringContaining(`${digest} refers to the image and was left`)]);
  });

  describe('at a registry that answers it badly', () => {
    let proxy: FaultProxy;

    beforeAll(async () => {
      proxy = await startFaultProxy(registry.host);
    });
    afterAll(() => proxy.close());

    const isExtra = (path: string): boolean => /\/referrers\/|\/manifests\/sha256-/.test(path);

    test.each([500, 429, 403])(
      'with %i is left out, asked for once each, and the image is whole',
      async (status) => {
        const before = proxy.requests.length;
        proxy.spoil(({ path }) => (isExtra(path) ? { answer: { status } } : undefined));
        const api = await openApi(`bad-${status}`);
        await api.images.pull({ ref: `${proxy.host}/app:1` });
        expect(await shown(api)).toEqual([]);
        expect((await api.store.verify({})).broken).toEqual([]);
        const asked = proxy.requests
          .slice(before)
          .map(({ path }) => path)
          .filter(isExtra);
        expect(asked).toHaveLength(new Set(asked).size);
      },
    );

    test('is not asked for by a build', async () => {
      proxy.spoil(() => undefined);
      const before = proxy.requests.length;
      const context = await workshop.write('base', { Dockerfile: `FROM ${proxy.host}/app:1\nENV A=1\n` });
      await workshop.out(['build', '-q', context]);
      const asked = proxy.requests.slice(before).map(({ path }) => path);
      expect([asked.length > 0, asked.filter(isExtra)]).toEqual([true, []]);
    });
  });
});
