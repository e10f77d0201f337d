import { expect, test } from 'vitest';
import { openBuildBench, textOf } from './build-fixture.ts';

test('files of all sizes are copied byte for byte, also those that come in pieces', async () => {
  const text = (name: string, bytes: number) =>
    Array.from({ length: Math.ceil(bytes / 12) }, (_, i) => `${name} ${i}\n`)
      .join('')
      .slice(0, bytes);
  const sizes = {
    none: 0,
    small: 700,
    block: 1024 * 1024,
    longer: 1024 * 1024 + 1,
    long: 2_500_000,
    last: 5,
  };
  const files = Object.fromEntries(Object.entries(sizes).map(([name, bytes]) => [name, text(name, bytes)]));
  const bench = await openBuildBench({ Dockerfile: 'FROM scratch\nCOPY files /files\n' });
  await bench.write(
    Object.fromEntries(Object.entries(files).map(([name, content]) => [`files/${name}`, content])),
  );
  const { rootFs } = await bench.build();
  const copied = await Promise.all(
    Object.keys(files).map(async (name) => [name, await textOf(rootFs, `/files/${name}`)]),
  );
  expect(Object.fromEntries(copied)).toEqual(files);
});
