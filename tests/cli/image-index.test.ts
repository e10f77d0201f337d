import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeIndexLayout, type IndexFixture } from '../fixtures/image-index.ts';
import { hasRegistryServer, startRegistryServer, type RegistryServer } from '../fixtures/registry-server.ts';
import { runVarve } from '../fixtures/varve-cli.ts';
import { useWorkshop } from './support/use-workshop.ts';

const run = promisify(execFile);
const workshop = useWorkshop();

describe.skipIf(!(await hasRegistryServer()))('an image index', () => {
  let registry: RegistryServer;
  let fixture: IndexFixture;
  let name: string;

  beforeAll(async () => {
    registry = await startRegistryServer(workshop.folder);
    fixture = await writeIndexLayout(workshop.folder);
    name = `${registry.host}/many:1`;
    await skopeoCopy(`oci:${fixture.layout}:latest`, `docker://${name}`);
    await out('whole', ['pull', '-q', '--all-platforms', name]);
  });
  afterAll(() => registry.close());

  async function skopeoCopy(from: string, to: string): Promise<void> {
    const loose = ['--src-tls-verify=false', '--dest-tls-verify=false'];
    await run('skopeo', ['copy', '-q', '--all', '--preserve-digests', ...loose, from, to]);
  }

  function varve(store: string, args: readonly string[]) {
    return runVarve(join(workshop.folder, store), args);
  }

  async function out(store: string, args: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await varve(store, args);
    if (status !== 0) throw new Error(`varve ${args.join(' ')} ended with ${status}:\n${stderr}`);
    return stdout;
  }

  /** What the tree says below the image, without digests and with what is not here marked. */
  async function tree(store: string): Promise<readonly string[]> {
    const lines = (await out(store, ['images', '-a', '--tree'])).trimEnd().split('\n').slice(2);
    return lines.map((line) =>
      line.replace(/ +[0-9a-f]{12} +(not here)?.*$/, (_, away: string | undefined) => {
        return away === undefined ? '' : ' not here';
      }),
    );
  }

  const ATTESTED = '(slsa.dev/provenance/v1)';
  const WHOLE = [
    '├─ linux/amd64',
    '├─ linux/arm64',
    `├─ attestation of linux/amd64 ${ATTESTED}`,
    `└─ attestation of linux/arm64 ${ATTESTED}`,
  ];

  test('is what its tag names when one platform is pulled, with what attests that', async () => {
    const pulled = await out('one', ['pull', '--platform', 'linux/arm64', name]);
    expect(pulled).toContain(`Digest: ${fixture.digest}\n`);
    expect(await tree('one')).toEqual([
      '├─ linux/amd64 not here',
      '├─ linux/arm64',
      '├─ attestation of linux/amd64 not here',
      `└─ attestation of linux/arm64 ${ATTESTED}`,
    ]);
    expect(await out('one', ['cat', name, '/platform'])).toBe('linux/arm64\n');
    expect((await varve('one', ['verify'])).status).toBe(0);
  });

  test('is pulled whole with --all-platforms, and one row of the list without unknown platforms', async () => {
    expect(await tree('whole')).toEqual(WHOLE);
    const rows = await out('whole', ['images', '-a', '--digests', '--format', '{{.Tag}} {{.Digest}}']);
    expect(rows).toBe(`1 ${fixture.digest}\n`);
    expect(await out('whole', ['images', '--tree'])).not.toContain('unknown');
  });

  test('is inspected, listed and read for the platform that is asked for', async () => {
    const arm = ['--platform', 'linux/arm64'];
    expect(await out('whole', ['cat', '--platform', 'linux/amd64', name, '/platform'])).toBe('linux/amd64\n');
    expect(await out('whole', ['cat', ...arm, name, '/platform'])).toBe('linux/arm64\n');
    expect(await out('whole', ['ls', ...arm, name])).toBe('platform\n');
    const shown = ['inspect', ...arm, '--format', '{{.Architecture}} {{.Digest}}', name];
    expect(await out('whole', shown)).toBe(`arm64 ${fixture.manifests['arm64']}\n`);
    expect(await out('whole', ['history', ...arm, '-q', name])).not.toBe('');
    expect(await varve('whole', ['ls', '--platform', 'linux/s390x', name])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('It has: linux/amd64, linux/arm64.') as string,
    });
    expect(JSON.parse(await out('whole', ['inspect', name]))).toMatchObject([
      {
        Digest: fixture.digest,
        Manifests: [
          { Kind: 'image', Available: true, ImageData: { Platform: { architecture: 'amd64' } } },
          { Kind: 'image', Available: true, ImageData: { Platform: { architecture: 'arm64' } } },
          { Kind: 'attestation', AttestationData: { For: fixture.manifests['amd64'] } },
          { Kind: 'attestation', AttestationData: { For: fixture.manifests['arm64'] } },
        ],
      },
    ]);
  });

  test('keeps its digest through an OCI archive, for skopeo and for another store', async () => {
    const archive = join(workshop.folder, 'whole.tar');
    await out('whole', ['save', '--format', 'oci', '-o', archive, name]);
    await skopeoCopy(`oci-archive:${archive}`, `docker://${registry.host}/again:1`);
    const args = [
      'inspect',
      '--tls-verify=false',
      '--format',
      '{{.Digest}}',
      `docker://${registry.host}/again:1`,
    ];
    expect((await run('skopeo', args)).stdout.trim()).toBe(fixture.digest);
    await out('loaded', ['load', '-q', '-i', archive]);
    expect(await tree('loaded')).toEqual(WHOLE);
    expect(await out('loaded', ['images', '--format', '{{.Digest}}'])).toBe(`${fixture.digest}\n`);
    await out('whole', ['push', '-q', '--all-platforms', name, `${registry.host}/pushed:1`]);
    await out('fetched', ['pull', '-q', '--all-platforms', `${registry.host}/pushed@${fixture.digest}`]);
    expect(await tree('fetched')).toEqual(WHOLE);
  });

  test('gives a docker archive one image, and says so', async () => {
    const archive = join(workshop.folder, 'docker.tar');
    const { status, stderr } = await varve('whole', ['save', '-o', archive, name]);
    expect([status, stderr]).toEqual([0, expect.stringContaining(`of ${name} only the image for linux/`)]);
    await out('docker', ['load', '-q', '-i', archive]);
    const own = process.arch === 'arm64' ? 'arm64' : 'amd64';
    expect(await out('docker', ['images', '--format', '{{.Digest}}'])).toBe(`${fixture.manifests[own]}\n`);
  });

  test('keeps what attests its images through a prune, and loses all of it with its tag', async () => {
    await out('pruned', ['pull', '-q', '--all-platforms', name]);
    await out('pruned', ['prune', '-f']);
    expect(await tree('pruned')).toEqual(WHOLE);
    await out('pruned', ['untag', name]);
    await out('pruned', ['prune', '-f', '--grace', '0']);
    expect(await out('pruned', ['images', '-a', '-q'])).toBe('');
    expect((await varve('pruned', ['verify'])).status).toBe(0);
  });

  test('is a base for any of its platforms: what is not here of it is pulled, by its digest', async () => {
    await out('base', ['pull', '-q', '--platform', 'linux/amd64', name]);
    const context = await workshop.write('both', {
      Dockerfile: `FROM --platform=linux/arm64 ${name} AS other\nFROM --platform=linux/amd64 ${name}\nCOPY --from=other /platform /other\n`,
    });
    await out('base', ['build', '-q', '-t', 'both', context]);
    expect(await out('base', ['cat', 'both', '/platform', '/other'])).toBe('linux/amd64\nlinux/arm64\n');
    expect((await tree('base')).slice(0, 2)).toEqual(['├─ linux/amd64', '├─ linux/arm64']);
    const built = JSON.parse(await out('base', ['builds', 'inspect', '--format', 'json'])) as object;
    expect(built).toMatchObject({ Materials: [{ URI: name, Digests: [fixture.digest] }] });
  });
});
