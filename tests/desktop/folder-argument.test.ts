import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { folderArgument } from '../../src-main/desktop/folder-argument.ts';

let folder: string;
const application = '/opt/varve';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'varve-argument-'));
  await writeFile(join(folder, 'file'), '');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the last word of the command line is the folder to open', () => {
  expect(folderArgument(['varve-desktop', folder], '/', application)).toBe(folder);
  expect(folderArgument(['electron', '--no-sandbox', application, '--x', folder], '/', application)).toBe(
    folder,
  );
  expect(folderArgument(['varve-desktop', '.'], folder, application)).toBe(folder);
});

test('a file, what is not there, and the application itself are no folder to open', () => {
  expect(folderArgument(['varve-desktop', join(folder, 'file')], '/', application)).toBeUndefined();
  expect(folderArgument(['varve-desktop', join(folder, 'gone')], '/', application)).toBeUndefined();
  expect(folderArgument(['electron', '--no-sandbox', folder], '/', folder)).toBeUndefined();
  expect(folderArgument(['varve-desktop', '--flag'], '/', application)).toBeUndefined();
});
