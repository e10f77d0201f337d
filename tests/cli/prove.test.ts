import { describe, expect, test } from 'vitest';
import { useWorkshop } from './support/use-workshop.ts';

const workshop = useWorkshop();
const FILES = { Dockerfile: 'FROM scratch\nCOPY f /\nWORKDIR /made\n', f: 'f' };

describe('varve build --prove', () => {
  test('exits with 1 and names what differs, as text and as JSON', async () => {
    const context = await workshop.write('differs', FILES);
    const asText = await workshop.varve(['build', '--prove', '--progress', 'quiet', context]);
    expect(asText.status).toBe(1);
    expect(asText.stdout).toMatch(
      /^The two builds differ:\n {2}first {3}sha256:\w+\n {2}second {2}sha256:\w+\nDockerfile:3: WORKDIR \/made\nlayer 2, \/made: mtime\n {2}first {3}\S+Z\n {2}second {2}\S+Z\nWith --reproducible, .*\n$/,
    );
    const asJson = await workshop.varve([
      'build',
      '--prove',
      '--progress',
      'quiet',
      '--format',
      'json',
      context,
    ]);
    expect({ status: asJson.status, ...(JSON.parse(asJson.stdout) as object) }).toMatchObject({
      status: 1,
      equal: false,
      difference: { layer: 1, path: 'made', field: 'mtime' },
    });
  });

  test('is called wrongly together with what builds nothing', async () => {
    const context = await workshop.write('called', FILES);
    const calls = [['--plan'], ['--check'], ['--explain'], ['-q']];
    const ends = await Promise.all(
      calls.map((flags) => workshop.varve(['build', '--prove', ...flags, context])),
    );
    expect(ends.map(({ status }) => status)).toEqual([2, 2, 2, 2]);
  });

  test('goes back through COPY to what another stage made', async () => {
    const context = await workshop.write('staged', {
      Dockerfile:
        'FROM scratch AS made\nCOPY f /\nWORKDIR /made\nFROM scratch\nCOPY --from=made /made /got\n',
      f: 'f',
    });
    const { stdout } = await workshop.varve(['build', '--prove', '--progress', 'quiet', context]);
    const lines = stdout.split('\n').slice(3);
    expect(lines.map((line) => line.replace(/\S+Z$/, 'TIME'))).toEqual([
      'Dockerfile:3: WORKDIR /made',
      'layer 2 of stage made, /made: mtime',
      '  first   TIME',
      '  second  TIME',
      'then by Dockerfile:5: COPY --from=made /made /got to layer 1, /got',
      'With --reproducible, times in new layers and of the image are fixed.',
      '',
    ]);
  });

  test('exits with 0 when both are the same, and leaves no image but two records', async () => {
    const context = await workshop.write('same', FILES);
    const out = await workshop.out([
      'build',
      '--prove',
      '--reproducible',
      '-t',
      'x:1',
      '--progress',
      'quiet',
      context,
    ]);
    expect(out).toMatch(/^Both builds gave sha256:[0-9a-f]{64}\n$/);
    expect(await workshop.out(['images', '-q', '-a'])).toBe('');
    const builds = (await workshop.out(['builds', '--format', 'json'])).trim().split('\n');
    const records = builds.map((line) => JSON.parse(line) as Record<string, unknown>);
    const same = records.filter(({ name }) => name === 'same');
    expect(same.map(({ status }) => status)).toEqual(['Completed', 'Completed']);
  });
});
