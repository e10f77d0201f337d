import { describe, expect, test } from 'vitest';
import type { ContainerConfig } from '../../../src-main/engine/oci/image-config.ts';
import { absoluteWorkdir } from '../../../src-main/engine/build/absolute-workdir.ts';
import { openedState, scratchState, withVariable } from '../../../src-main/engine/build/stage-state.ts';
import { openBuildBench } from './build-fixture.ts';

/** The config and the history that a stage on nothing ends with. */
async function built(...lines: readonly string[]): Promise<{ config: ContainerConfig; history: string[] }> {
  const bench = await openBuildBench({ Dockerfile: ['FROM scratch', ...lines, ''].join('\n') });
  const { config } = (await bench.build()).image;
  return {
    config: config.config ?? {},
    history: (config.history ?? []).map((entry) => entry.created_by ?? ''),
  };
}

const LINUX = { os: 'linux', architecture: 'amd64' };

describe('the working folder', () => {
  test.each([
    ['/b/', 'a/', '/b/a'],
    ['/b', '/a//b/../', '/a//b/../'],
    ['/b/', '', '/b/'],
    ['rel/x', 'y', '/rel/x/y'],
    ['', '.', '/'],
    ['/b', '//', '//'],
  ])('%j, then WORKDIR %j is %s', (current, written, expected) => {
    expect(absoluteWorkdir(current, written)).toBe(expected);
  });

  test('stays as it is written in the config and in the history', async () => {
    const { config, history } = await built('WORKDIR /a/../b/');
    expect([config.WorkingDir, history]).toEqual(['/a/../b/', ['WORKDIR /a/../b/']]);
  });
});

describe('the variables that a stage begins with', () => {
  test('are those of its base, which win over its arguments, and PATH', () => {
    const base = withVariable(
      { ...scratchState(LINUX), config: { Env: ['A=image'] }, env: new Map([['A', 'argument']]) },
      'B',
      'argument',
    );
    const { config, env } = openedState(base);
    const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    expect([config.Env, Array.from(env, (pair) => pair.join('='))]).toEqual([
      ['A=image', path],
      ['B=argument', 'A=image', path],
    ]);
  });

  test('come to a command in the order in which they were last set', () => {
    const once = withVariable(withVariable(scratchState(LINUX), 'A', '1'), 'B', '2');
    expect(Array.from(withVariable(once, 'A', '3').env.keys())).toEqual(['PATH', 'B', 'A']);
  });
});

test('EXPOSE sorts its words before it expands them', async () => {
  const { history } = await built('ENV P=9', 'EXPOSE 10 $P 2');
  expect(history.at(-1)).toBe('EXPOSE [9/tcp 10/tcp 2/tcp]');
});

test('a health check is exact to the nanosecond, however long it waits', async () => {
  const { history } = await built('HEALTHCHECK --interval=9007199254740993ns CMD x');
  expect(history).toEqual([
    'HEALTHCHECK &{["CMD-SHELL" "x"] "2501h59m59.254740993s" "0s" "0s" "0s" \'\\x00\'}',
  ]);
});

test('RUN without a command is refused', async () => {
  await expect(built('RUN []')).rejects.toMatchObject({ code: 'DOCKERFILE', location: { line: 2 } });
});

describe('the platform', () => {
  test('of a stage on nothing is the target’s, whatever FROM says', async () => {
    const bench = await openBuildBench({ Dockerfile: 'FROM --platform=linux/arm64 scratch\n' });
    const { platform } = (await bench.build({ platform: { os: 'linux', architecture: 's390x' } })).image;
    expect(platform).toEqual({ os: 'linux', architecture: 's390x' });
  });

  test('that is asked for wins over that of the base', async () => {
    const bench = await openBuildBench({ Dockerfile: 'FROM scratch\nLABEL a=b\n' });
    await bench.build({ tags: ['base'], platform: { os: 'linux', architecture: 'arm', variant: 'v7' } });
    await bench.write({ Dockerfile: 'FROM --platform=linux/arm/v7 base\n' });
    const { platform } = (await bench.build({ platform: { os: 'linux', architecture: 'riscv64' } })).image;
    expect(platform).toEqual({ os: 'linux', architecture: 'riscv64' });
  });
});

describe('predefined arguments', () => {
  test.each([
    [undefined, 'default'],
    ['', 'default'],
  ])('TARGETSTAGE for the target %j is %s where no stage has a name', async (target, expected) => {
    const bench = await openBuildBench({ Dockerfile: 'FROM scratch\nARG TARGETSTAGE\n' });
    const { config } = (await bench.build(target === undefined ? {} : { target })).image;
    expect(config.history?.map((entry) => entry.created_by)).toEqual([`ARG TARGETSTAGE=${expected}`]);
  });

  test('TARGETSTAGE is written as it was asked for', async () => {
    const bench = await openBuildBench({ Dockerfile: 'FROM scratch AS Final\nARG TARGETSTAGE\n' });
    const { config } = (await bench.build({ target: 'FINAL' })).image;
    expect(config.history?.map((entry) => entry.created_by)).toEqual(['ARG TARGETSTAGE=FINAL']);
  });

  test('of the scanner for bills of materials are no variables', async () => {
    const { history } = await built(
      'ARG BUILDKIT_SBOM_SCAN_STAGE=true',
      'LABEL a=[$BUILDKIT_SBOM_SCAN_STAGE]',
    );
    expect(history).toEqual(['ARG BUILDKIT_SBOM_SCAN_STAGE=true', 'LABEL a=[]']);
  });
});

describe('of a stage that nothing needs', () => {
  test.each([
    ['a name that no image can have', 'FROM Upper'],
    ['a platform that is none', 'FROM --platform=nothing scratch'],
    ['an empty name', 'FROM $NOTHING'],
    ['a stage’s number that there is not', 'FROM scratch\nCOPY --from=9 / /'],
  ])('%s is refused', async (_, lines) => {
    const bench = await openBuildBench({ Dockerfile: `${lines}\nFROM scratch\n` });
    await expect(bench.build()).rejects.toMatchObject({ location: { line: lines.split('\n').length } });
  });

  test('an image that is not there is not missed', async () => {
    const bench = await openBuildBench({ Dockerfile: 'FROM nowhere\nEXPOSE x\nFROM scratch\n' });
    expect((await bench.build()).image.layers).toEqual([]);
  });
});

test('nothing is copied from a stage that comes later', async () => {
  const text = 'FROM scratch AS a\nCOPY --from=b / /\nFROM scratch AS b\n';
  const bench = await openBuildBench({ Dockerfile: text });
  await expect(bench.build({ target: 'a' })).rejects.toMatchObject({
    message: 'cannot copy from stage b: it is defined later',
    location: { line: 2 },
  });
});

test('stages that need each other are refused also where nothing needs them', async () => {
  const text = 'FROM scratch\nFROM scratch AS a\nCOPY --from=1 / /\nFROM scratch AS b\n';
  const bench = await openBuildBench({ Dockerfile: text });
  await expect(bench.build()).rejects.toMatchObject({ location: { line: 2 } });
});
