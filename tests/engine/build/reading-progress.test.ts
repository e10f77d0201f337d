import { afterEach, expect, test, vi } from 'vitest';
import { openBuildBench } from './build-fixture.ts';

const PIECE = 1024 * 1024;

afterEach(() => vi.restoreAllMocks());

/** A clock that is a second later whenever it is looked at. */
function slowClock(): void {
  let ms = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (ms += 1000));
}

function filesOf(letter: string): Record<string, string> {
  return { 'files/a': letter.repeat(4), 'files/b': letter.repeat(2 * PIECE), 'files/c': letter.repeat(6) };
}

test('a copy tells how much of the files is read to see whether they changed, also within a large one', async () => {
  const bench = await openBuildBench({
    Dockerfile: 'FROM scratch\nCOPY files /files\n',
    ...filesOf('x'),
  });
  await bench.build();
  await bench.write(filesOf('y'));
  slowClock();
  const { events } = await bench.build();
  const reading = events.filter((event) => event.type === 'step-progress' && event.what === 'reading');
  const told = { type: 'step-progress', step: '0.1', what: 'reading', totalBytes: 10 + 2 * PIECE };
  expect(reading).toEqual([
    { ...told, bytes: 4, bytesPerSecond: 4 },
    { ...told, bytes: 4 + PIECE, bytesPerSecond: Math.round((4 + PIECE) / 2) },
    { ...told, bytes: 4 + 2 * PIECE, bytesPerSecond: Math.round((4 + 2 * PIECE) / 3) },
  ]);
});

test('reading that is done at once is not told of', async () => {
  const Dockerfile = 'FROM scratch\nCOPY files /files\n';
  const bench = await openBuildBench({ Dockerfile, 'files/a': 'x', 'files/b': 'x' });
  await bench.build();
  await bench.write({ 'files/a': 'y', 'files/b': 'y' });
  vi.spyOn(performance, 'now').mockReturnValue(0);
  const { events } = await bench.build();
  expect(bench.read.slice(2, 4)).toEqual(['files/a', 'files/b']);
  expect(events.filter(({ type }) => type === 'step-progress')).toEqual([]);
});
