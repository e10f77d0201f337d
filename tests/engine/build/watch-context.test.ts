import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { watchContext } from '../../../src-main/engine/build/context/watch-context.ts';
import { tempFolder } from '../support/temp-store.ts';

/** A watch, and the next change that it tells. */
function watchFolder(path: string) {
  const abort = new AbortController();
  let tell = (): void => {};
  const ended = watchContext(path, { mostFolders: 100, signal: abort.signal, onChange: () => tell() });
  return {
    ended,
    stop: () => abort.abort(),
    next: () => new Promise<void>((resolve) => (tell = resolve)),
  };
}

test('a watch tells of files that are written, added and removed, also in folders that are new', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'a'), '1');
  const watching = watchFolder(folder);
  // The first change may come before the watch stands: it is repeated until it is told.
  const first = watching.next();
  const knocking = setInterval(() => void writeFile(join(folder, 'a'), String(Math.random())), 20);
  await first;
  clearInterval(knocking);
  for (const change of [
    () => mkdir(join(folder, 'sub')),
    () => writeFile(join(folder, 'sub/b'), '1'),
    () => rm(join(folder, 'sub/b')),
  ]) {
    const told = watching.next();
    await change();
    await told;
  }
  watching.stop();
  expect(await watching.ended).toBe(true);
});

test('what the ignore file leaves out is not watched', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, '.dockerignore'), 'deps\n');
  for (let i = 0; i < 101; i++) await mkdir(join(folder, 'deps', String(i)), { recursive: true });
  const watching = watchFolder(folder);
  watching.stop();
  expect(await watching.ended).toBe(true);
  await rm(join(folder, '.dockerignore'));
  expect(await watchFolder(folder).ended).toBe(false);
});
