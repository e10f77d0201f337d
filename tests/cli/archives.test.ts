import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { runVarve, VARVE_SOURCE } from '../fixtures/varve-cli.ts';
import { useWorkshop } from './support/use-workshop.ts';

const run = promisify(execFile);
const DOCKERFILE = 'FROM scratch\nCOPY a.txt /a.txt\nCOPY a.txt /b.txt\n';
const SKOPEO = hasSkopeo();

const workshop = useWorkshop(async ({ out, write }) => {
  const context = await write('context', { Dockerfile: DOCKERFILE, 'a.txt': 'a\n' });
  await out(['build', '-q', '-t', 'app:1', context]);
});

function hasSkopeo(): boolean {
  try {
    execFileSync('skopeo', ['--version']);
    return true;
  } catch {
    return false;
  }
}

async function digestOf(root: string, ref: string): Promise<string> {
  const { stdout } = await runVarve(root, ['inspect', '--format', '{{.Digest}}', ref]);
  return stdout.trim();
}

describe.each(['oci', 'docker'])('an archive of format %s', (format) => {
  test('is loaded again under its name, with its digest', async () => {
    const archive = join(workshop.folder, `${format}.tar`);
    await workshop.out(['save', 'app:1', '-o', archive, '--format', format]);
    const other = join(workshop.folder, `store-${format}`);
    expect(await runVarve(other, ['load', '-i', archive])).toEqual({
      status: 0,
      stdout: 'Loaded image: app:1\n',
      stderr: '',
    });
    expect(await digestOf(other, 'app:1')).toBe(await digestOf(workshop.root, 'app:1'));
    expect((await runVarve(other, ['verify'])).status).toBe(0);
  });

  test('goes through a pipe', async () => {
    const other = join(workshop.folder, `piped-${format}`);
    const { stdout } = await run(
      'sh',
      ['-c', '"$0" save --format "$1" app:1 | VARVE_ROOT="$2" "$0" load', ...pipe(format, other)],
      {
        env: { ...process.env, VARVE_ROOT: workshop.root, ...VARVE_SOURCE },
      },
    );
    expect(stdout).toBe('Loaded image: app:1\n');
    expect(await digestOf(other, 'app:1')).toBe(await digestOf(workshop.root, 'app:1'));
  });
});

function pipe(format: string, other: string): string[] {
  return [join(import.meta.dirname, '..', '..', 'resources', 'bin', 'varve'), format, other];
}

describe.skipIf(!SKOPEO)('skopeo', () => {
  test('shows the digest that Varve shows', async () => {
    const archive = join(workshop.folder, 'skopeo.tar');
    await workshop.out(['save', 'app:1', '-o', archive, '--format', 'oci']);
    const { stdout } = await run('skopeo', ['inspect', '--format', '{{.Digest}}', `oci-archive:${archive}`]);
    const [listed] = (await workshop.out(['images', '--format', 'json', 'app'])).split('\n');
    const { Digest } = JSON.parse(listed ?? '') as { Digest: string };
    expect(stdout.trim()).toBe(Digest);
  });

  test('reads the docker archive with the same layers', async () => {
    const archive = join(workshop.folder, 'skopeo-docker.tar');
    await workshop.out(['save', 'app:1', '-o', archive]);
    const { stdout } = await run('skopeo', ['inspect', '--config', `docker-archive:${archive}`]);
    const [image] = JSON.parse(await workshop.out(['inspect', 'app:1'])) as {
      RootFS: { Layers: string[] };
    }[];
    expect((JSON.parse(stdout) as { rootfs: { diff_ids: string[] } }).rootfs.diff_ids).toEqual(
      image?.RootFS.Layers,
    );
  });
});

describe('varve load', () => {
  test('--dry-run tells what is in the archive and leaves the store as it is', async () => {
    await workshop.out(['save', 'app:1', '-o', 'dry.tar']);
    const other = join(workshop.folder, 'store-dry');
    const { stdout } = await runVarve(other, ['load', '--dry-run', '-i', join(workshop.folder, 'dry.tar')]);
    expect(stdout).toBe('Would load image: app:1\n');
    expect((await runVarve(other, ['images', '-a', '-q'])).stdout).toBe('');
  });

  test('says which tag it moved and how to move it back', async () => {
    await workshop.out(['save', 'app:1', '-o', 'moved.tar']);
    const context = await workshop.write('later', {
      Dockerfile: 'FROM scratch\nCOPY b.txt /\n',
      'b.txt': 'b\n',
    });
    const other = join(workshop.folder, 'store-moved');
    await runVarve(other, ['build', '-q', '-t', 'app:1', context]);
    const before = await digestOf(other, 'app:1');
    const { stderr } = await runVarve(other, ['load', '-i', join(workshop.folder, 'moved.tar')]);
    expect(stderr).toMatch(
      /^app:1 now is [0-9a-f]{12}; it was [0-9a-f]{12} \(undo: varve tag --undo app:1\)\n$/,
    );
    await runVarve(other, ['tag', '--undo', 'app:1']);
    expect(await digestOf(other, 'app:1')).toBe(before);
  });
});
