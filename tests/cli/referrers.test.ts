import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Descriptor } from '../../src-main/engine/oci/descriptor.ts';
import { MEDIA_TYPES } from '../../src-main/engine/oci/media-types.ts';
import { hostPlatform } from '../../src-main/engine/oci/platform.ts';
import { startFaultProxy, type FaultProxy } from '../fixtures/fault-proxy.ts';
import { putRemoteBlob, putRemoteDocument, putRemoteImage } from '../fixtures/put-remote-image.ts';
import { hasRegistryServer, startRegistryServer, type RegistryServer } from '../fixtures/registry-server.ts';
import { runVarve } from '../fixtures/varve-cli.ts';
import { useWorkshop } from './support/use-workshop.ts';

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
    image = await putRemoteImage(registry.host, 'app:1', [Buffer.from('a layer')]);
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

  /** Pulls into a store of that name, and answers how its images are shown. */
  async function pull(
    store: string,
    ref: string,
    ...options: string[]
  ): Promise<{ notes: string; tree: string[] }> {
    const { status, stderr } = await varve(store, ['pull', ...options, ref]);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    return { notes: stderr, tree: await tree(store) };
  }

  function varve(store: string, args: readonly string[]) {
    return runVarve(join(workshop.folder, store), args);
  }

  async function tree(store: string): Promise<string[]> {
    const { stdout } = await varve(store, ['images', '-a', '--tree']);
    const lines = stdout.trimEnd().split('\n').slice(1);
    return lines.filter((line) => /^[├└]/.test(line)).map((line) => line.replace(/ +[0-9a-f]{12} .*$/, ''));
  }

  test('comes with it, is shown as what it is, and is no image of its own', async () => {
    const ref = `${registry.host}/app:1`;
    expect((await pull('shown', ref)).tree).toEqual(['├─ signature', `└─ SBOM (${SBOM})`]);
    expect((await varve('shown', ['images', '-a', '--format', '{{.Repository}}:{{.Tag}}'])).stdout).toBe(
      `${ref}\n`,
    );
    const { stdout } = await varve('shown', ['inspect', ref]);
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
    const ref = `${registry.host}/app@${image.digest}`;
    const { tree: pulled } = await pull('lives', ref);
    await varve('lives', ['prune', '-f', '--grace', '0']);
    expect(await tree('lives')).toEqual(pulled);
    expect(await varve('lives', ['verify'])).toMatchObject({ status: 0 });
    expect(await readdir(join(workshop.folder, 'lives', 'blobs', 'sha256'))).toHaveLength(8);
    await varve('lives', ['rmi', ref]);
    await varve('lives', ['prune', '-f', '--grace', '0']);
    expect(await readdir(join(workshop.folder, 'lives', 'blobs', 'sha256'))).toEqual([]);
    expect(await varve('lives', ['verify'])).toMatchObject({ status: 0 });
  });

  test('stays at the registry with --no-referrers, and comes with the next pull', async () => {
    const ref = `${registry.host}/app:1`;
    expect((await pull('later', ref, '--no-referrers')).tree).toEqual([]);
    expect((await pull('later', ref)).tree).toHaveLength(2);
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
    expect((await pull('many', `${registry.host}/app:many`)).tree).toEqual([
      `├─ ${named}`,
      `├─ signature of ${named}`,
      '├─ attestation (slsa.dev/provenance/v1)',
      `└─ SBOM of ${named} (${SBOM})`,
    ]);
  });

  test('goes with it to another registry, and takes the place of nothing there', async () => {
    const target = `${registry.host}/copy:1`;
    await pull('pushing', `${registry.host}/app:1`);
    const dry = await varve('pushing', [
      'push',
      '--dry-run',
      '--format',
      'json',
      `${registry.host}/app:1`,
      target,
    ]);
    const planned = (JSON.parse(dry.stdout) as { blobs: { digest: string }[] }).blobs.map(
      ({ digest }) => digest,
    );
    expect(planned).toEqual(expect.arrayContaining([signature.digest, sbom.digest]));
    const pushed = await varve('pushing', ['push', `${registry.host}/app:1`, target]);
    expect(pushed).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`digest: ${image.digest}`) as string,
    });
    expect((await pull('copied', target)).tree).toEqual(await tree('pushing'));
    const other = await putCosign('copy', image, 'sig', 'application/other', {});
    const again = await varve('pushing', ['push', `${registry.host}/app:1`, target]);
    expect(again).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`.sig names ${other.digest}`) as string,
    });
  });

  test('is told of when an archive leaves it out', async () => {
    await pull('saving', `${registry.host}/app:1`);
    const archive = join(workshop.folder, 'saved.tar');
    const saved = await varve('saving', ['save', '--format', 'oci', '-o', archive, `${registry.host}/app:1`]);
    expect(saved).toMatchObject({ status: 0, stderr: expect.stringContaining('2 that refer to') as string });
  });

  test('is left at the registry where it is too much', async () => {
    const big = await putRemoteImage(registry.host, 'big:1', [Buffer.from('a big one')]);
    const { digest } = await putReferrer('big', big, SBOM, Buffer.alloc(33 * 1024 * 1024));
    const { tree: shown, notes } = await pull('small', `${registry.host}/big:1`);
    expect([shown, notes]).toEqual([
      [],
      expect.stringContaining(`${digest} refers to the image and was left`),
    ]);
  });

  describe('at a registry that answers it badly', () => {
    let proxy: FaultProxy;

    beforeAll(async () => {
      proxy = await startFaultProxy(registry.host);
    });
    afterAll(() => proxy.close());

    const isExtra = (path: string): boolean => /\/referrers\/|\/manifests\/sha256-/.test(path);

    test.each([500, 403])(
      'with %i is left out, asked for once each, and the image is whole',
      async (status) => {
        const before = proxy.requests.length;
        proxy.spoil(({ path }) => (isExtra(path) ? { answer: { status } } : undefined));
        const ref = `${proxy.host}/app:1`;
        expect((await pull(`bad-${status}`, ref)).tree).toEqual([]);
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
      await varve('built', ['build', '-q', context]);
      const asked = proxy.requests.slice(before).map(({ path }) => path);
      expect([asked.length > 0, asked.filter(isExtra)]).toEqual([true, []]);
    });
  });
});
