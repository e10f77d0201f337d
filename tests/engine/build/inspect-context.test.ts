import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { inspectContext } from '../../../src-main/engine/build/inspect-context.ts';
import { tempFolder } from '../support/temp-store.ts';

test('a context is told by what a build would see of it', async () => {
  const path = await tempFolder();
  await mkdir(join(path, 'node_modules/x'), { recursive: true });
  await writeFile(join(path, 'node_modules/x/y.js'), 'y');
  await writeFile(join(path, '.dockerignore'), 'node_modules\n*.log\n');
  await writeFile(join(path, 'a.log'), '12345');
  await writeFile(join(path, 'Dockerfile'), 'FROM scratch\n');
  await writeFile(join(path, 'big'), 'x'.repeat(100));
  await promisify(execFile)('mkfifo', [join(path, 'pipe')]);
  const summary = await inspectContext({ path });
  expect({ ...summary, path: '', name: '' }).toEqual({
    path: '',
    name: '',
    dockerfiles: ['Dockerfile'],
    ignoreFile: '.dockerignore',
    files: 3,
    bytes: 132,
    ignored: { entries: 2, bytes: 5, paths: ['a.log', 'node_modules'] },
    largest: [
      { path: 'big', bytes: 100 },
      { path: '.dockerignore', bytes: 19 },
      { path: 'Dockerfile', bytes: 13 },
    ],
    refused: [{ path: 'pipe', why: 'it is a FIFO (named pipe)' }],
  });
});

test('a file is no context', async () => {
  const path = join(await tempFolder(), 'file');
  await writeFile(path, '');
  await expect(inspectContext({ path })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});
