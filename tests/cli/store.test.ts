import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runVarve } from '../fixtures/varve-cli.ts';
import { useWorkshop } from './support/use-workshop.ts';

const workshop = useWorkshop(async ({ out, write }) => {
  const context = await write('context', { Dockerfile: 'FROM scratch\nCOPY a.txt /\n', 'a.txt': 'a\n' });
  await out(['build', '-q', '-t', 'app:1', context]);
});

async function layerOf(root: string, ref: string): Promise<string> {
  const folder = join(workshop.folder, 'layers.tar');
  await runVarve(root, ['save', '--format', 'oci', '-o', folder, ref]);
  const { stdout } = await runVarve(root, ['inspect', '--format', '{{.Digest}}', ref]);
  const hex = stdout.trim().slice('sha256:'.length);
  const manifest = JSON.parse(await readFile(join(root, 'blobs', 'sha256', hex), 'utf8')) as {
    layers: { digest: string }[];
  };
  return manifest.layers[0]?.digest ?? '';
}

describe('varve verify', () => {
  test('finds a whole store whole', async () => {
    const { status, stdout, stderr } = await workshop.varve(['verify']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^\d+ blobs, .* checked: all well\n$/);
  });

  test('names a damaged blob and who needs it, and exits with 1', async () => {
    const root = join(workshop.folder, 'damaged');
    await runVarve(root, ['build', '-q', '-t', 'app:1', join(workshop.folder, 'context')]);
    const digest = await layerOf(root, 'app:1');
    const blob = join(root, 'blobs', 'sha256', digest.slice('sha256:'.length));
    const bytes = await readFile(blob);
    await chmod(blob, 0o644);
    await writeFile(blob, bytes.fill(0, 10, 20));
    for (const args of [['verify'], ['verify', 'app:1']]) {
      const { status, stdout, stderr } = await runVarve(root, args);
      expect(status).toBe(1);
      expect(stdout).toMatch(new RegExp(`^${digest}: .*\\(needed by (docker.io/library/)?app:1\\)\\n$`));
      expect(stderr).toContain('1 broken');
    }
  });

  test('exits with 3 when it could not check', async () => {
    const { status, stdout } = await workshop.varve(['verify', 'nowhere:1']);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
  });
});

describe('varve prune', () => {
  test('asks, and here is no one to answer', async () => {
    const { status, stderr } = await workshop.varve(['prune']);
    expect(status).toBe(1);
    expect(stderr).toBe(
      'varve: prune asks before it frees anything, and here is no one to ask\n  Say -f to free it without being asked.\n',
    );
  });

  test('frees exactly what it said it would, and the tagged image stays', async () => {
    const context = await workshop.write('gone', {
      Dockerfile: 'FROM scratch\nCOPY b.txt /\n',
      'b.txt': 'b\n',
    });
    await workshop.out(['build', '-q', '-t', 'gone:1', context]);
    await workshop.out(['untag', 'gone:1']);
    const planned = await workshop.out(['prune', '--dry-run', '--grace', '0']);
    const freed = await workshop.out(['prune', '-f', '--grace', '0']);
    const [, bytes] = /^Would free (\d+) bytes/.exec(planned) ?? [];
    expect(Number(bytes)).toBeGreaterThan(0);
    expect(freed).toContain(`Freed ${bytes} bytes`);
    expect(await workshop.out(['cat', 'app:1', '/a.txt'])).toBe('a\n');
    expect((await workshop.varve(['verify'])).status).toBe(0);
  });

  test('keeps what a tag pointed at within the grace period', async () => {
    const context = await workshop.write('kept', {
      Dockerfile: 'FROM scratch\nCOPY c.txt /\n',
      'c.txt': 'c\n',
    });
    await workshop.out(['build', '-q', '-t', 'kept:1', context]);
    await workshop.out(['untag', 'kept:1']);
    await workshop.out(['prune', '-f']);
    await workshop.out(['tag', '--undo', 'kept:1']);
    expect(await workshop.out(['cat', 'kept:1', '/c.txt'])).toBe('c\n');
  });
});

describe('varve df', () => {
  test('prints a table whose parts add up', async () => {
    expect(await workshop.out(['df'])).toMatch(/^TYPE +TOTAL +SIZE\nImages +\d/);
    const usage = JSON.parse(await workshop.out(['df', '--format', 'json'])) as Record<string, number>;
    const { imageBytes = 0, cacheBytes = 0, snapshotBytes = 0, recordBytes = 0, otherBytes = 0 } = usage;
    expect(recordBytes).toBeGreaterThan(0);
    expect(imageBytes + cacheBytes + snapshotBytes + recordBytes + otherBytes).toBe(usage['totalBytes']);
  });
});
