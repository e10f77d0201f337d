import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  freePort,
  hasRegistryServer,
  startRegistryServer,
  type RegistryServer,
} from '../fixtures/registry-server.ts';
import { useWorkshop } from './support/use-workshop.ts';

const HAS_REGISTRY = await hasRegistryServer();

const workshop = useWorkshop(async ({ out, write }) => {
  const context = await write('context', { Dockerfile: 'FROM scratch\nCOPY a.txt /\n', 'a.txt': 'a\n' });
  await out(['build', '-q', '-t', 'app:1', context]);
});

describe.skipIf(!HAS_REGISTRY)('varve', () => {
  let registry: RegistryServer;
  let digest = '';
  let layer = '';
  let size = 0;

  beforeAll(async () => {
    registry = await startRegistryServer(workshop.folder);
    digest = (await workshop.out(['inspect', '--format', '{{.Digest}}', 'app:1'])).trim();
    const target = `${registry.host}/seen:1`;
    await workshop.out(['push', '-q', 'app:1', target]);
    const seen = JSON.parse(await workshop.out(['registries', 'inspect', target])) as {
      Layers: { digest: string }[];
    };
    layer = seen.Layers[0]!.digest.slice('sha256:'.length).slice(0, 12);
    const raw = await fetch(`http://${registry.host}/v2/seen/manifests/1`, {
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
    });
    size = (await raw.arrayBuffer()).byteLength;
  });
  afterAll(() => registry.close());

  test('push says docker’s words, and what became of each layer', async () => {
    const lines = (repository: string, word: string) =>
      [
        `The push refers to repository [${registry.host}/${repository}]`,
        `${layer}: ${word}`,
        `2: digest: ${digest} size: ${size}`,
        '',
      ].join('\n');
    const push = (repository: string) => workshop.out(['push', 'app:1', `${registry.host}/${repository}:2`]);
    expect(await push('seen')).toBe(lines('seen', 'Layer already exists'));
    expect(await push('other')).toBe(lines('other', 'Mounted from seen'));
  });

  test('push --dry-run sends nothing and says what it would', async () => {
    const target = `${registry.host}/untouched:1`;
    const said = await workshop.out(['push', '--dry-run', 'app:1', target]);
    expect(said).toContain(`${target} would be new: ${digest}\n`);
    const { status, stderr } = await workshop.varve(['registries', 'tags', `${registry.host}/untouched`]);
    expect([status, stderr]).toEqual([1, expect.stringContaining('there is no such repository')]);
  });

  test('push --format json says what was pushed, or would be', async () => {
    const target = `${registry.host}/json:1`;
    const say = async (...args: string[]) =>
      JSON.parse(await workshop.out(['push', '--format', 'json', ...args, 'app:1', target])) as object;
    expect(await say('--dry-run')).toMatchObject({
      target,
      to: digest,
      blobs: [{ state: 'mount' }, { state: 'mount' }, { state: 'upload' }],
    });
    expect(await say()).toMatchObject({ target, digest, sizeBytes: size, uploadedBytes: size });
  });

  test('push -a brings every tag of a repository, and -q prints their names', async () => {
    const repository = `${registry.host}/all`;
    for (const tag of ['x', 'y']) await workshop.out(['tag', 'app:1', `${repository}:${tag}`]);
    expect(await workshop.out(['push', '-aq', repository])).toBe(`${repository}:x\n${repository}:y\n`);
    expect(await workshop.out(['registries', 'tags', repository])).toBe('x\ny\n');
    const rows = await workshop.out([
      'registries',
      'tags',
      '--digests',
      '--format',
      '{{.Tag}} {{.Digest}}',
      repository,
    ]);
    expect(rows).toBe(`x ${digest}\ny ${digest}\n`);
  });

  test('registries lists those that are known, and check asks one of them', async () => {
    const { host } = registry;
    await workshop.out(['tag', 'app:1', `${host}/listed:1`]);
    const listed = await workshop.out(['registries', '--format', '{{.Registry}} {{.Origin}}']);
    expect(listed.split('\n')).toEqual(['docker.io default', `${host} images`, '']);
    expect(await workshop.out(['registries', 'check', host])).toContain(`${host}: http://${host}`);
    const gone = await workshop.varve(['registries', 'check', `127.0.0.1:${await freePort()}`]);
    expect([gone.status, gone.stdout]).toEqual([1, expect.stringContaining('does not answer')]);
  });

  test('push of an image ID without a target says what is missing', async () => {
    const { status, stderr } = await workshop.varve(['push', digest]);
    expect([status, stderr]).toEqual([1, expect.stringContaining('says no repository to push to')]);
  });

  test('registries rm says when a registry deletes nothing', async () => {
    const { status, stderr } = await workshop.varve(['registries', 'rm', `${registry.host}/seen@${digest}`]);
    expect([status, stderr]).toEqual([1, expect.stringContaining('it does not offer this (405')]);
  });
});
