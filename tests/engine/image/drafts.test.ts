import { Writable } from 'node:stream';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { appendLayer } from '../../../src-main/engine/image/append-layer.ts';
import { changeConfig } from '../../../src-main/engine/image/change-config.ts';
import { saveArchive } from '../../../src-main/engine/image/save/save-archive.ts';
import { writeArchive } from '../../../src-main/engine/image/save/write-archive.ts';
import { validateImage } from '../../../src-main/engine/image/validate-image.ts';
import { writeImage } from '../../../src-main/engine/image/write-image.ts';
import { file, writeLayer } from '../support/layers.ts';
import { randomImage } from '../support/random-image.ts';
import { tempFolder, tempStore } from '../support/temp-store.ts';

test('a layer and a changed config give a new image and leave the old one', async () => {
  const store = await tempStore();
  const base = await randomImage(store, { seed: 1 });
  const layer = await writeLayer(store, [file('new', 'text')]);
  const longer = appendLayer(base, layer, { created_by: 'COPY new / # buildkit' });
  const draft = changeConfig(longer, { Cmd: ['/new'] }, { created_by: 'CMD ["/new"]' });
  const image = await writeImage(store, draft);
  await validateImage(store, image.descriptor.digest);
  expect(image.layers).toEqual([...base.layers, { descriptor: layer.descriptor, diffId: layer.diffId }]);
  expect(image.config.config).toEqual({ ...base.config.config, Cmd: ['/new'] });
  expect(image.config.history?.slice(-2)).toEqual([
    { created_by: 'COPY new / # buildkit' },
    { created_by: 'CMD ["/new"]', empty_layer: true },
  ]);
  await validateImage(store, base.descriptor.digest);
});

test('an archive on a stream has the bytes of the one in a file', async () => {
  const store = await tempStore();
  const { digest } = (await randomImage(store, { seed: 1 })).descriptor;
  const path = join(await tempFolder(), 'image.tar');
  await saveArchive(store, [digest], path, { format: 'docker' });
  const pieces: Buffer[] = [];
  const target = new Writable({
    write: (chunk: Buffer, _, done) => {
      pieces.push(Buffer.from(chunk));
      done();
    },
  });
  await writeArchive(store, [digest], target, { format: 'docker' });
  expect(Buffer.concat(pieces).equals(await readFile(path))).toBe(true);
});
