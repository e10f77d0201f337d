import { describe, expect, test } from 'vitest';
import { checkDockerfile } from '../../../src-main/engine/dockerfile/check-dockerfile.ts';
import type { CheckDockerfileOptions } from '../../../src-main/engine/dockerfile/check-dockerfile.ts';

/** `rule:line`, sorted. */
function found(text: string, options: Partial<CheckDockerfileOptions> = {}): readonly string[] {
  const { warnings } = checkDockerfile(text, { file: 'Dockerfile', ...options });
  return warnings.map(({ rule, location }) => `${rule}:${location.line}`).toSorted();
}

const STAGES = [
  'FROM scratch AS One',
  'CMD a',
  'FROM scratch AS two',
  'CMD b',
  'FROM one AS three',
  'COPY --from=two / /',
  'CMD c',
].join('\n');

describe('with a target', () => {
  test.each([
    ['one', ['JSONArgsRecommended:2', 'StageNameCasing:1']],
    ['two', ['JSONArgsRecommended:4', 'StageNameCasing:1']],
    [
      'three',
      ['JSONArgsRecommended:2', 'JSONArgsRecommended:4', 'JSONArgsRecommended:7', 'StageNameCasing:1'],
    ],
  ])('%s only what it needs is looked at', (target, expected) => {
    expect(found(STAGES, { target })).toEqual(expected);
  });

  test('what a mount reads from is needed', () => {
    const text = 'FROM scratch AS a\nCMD x\nFROM scratch AS b\nRUN --mount=from=a,target=/m y\nFROM b\n';
    expect(found(text, { target: 'b' })).toEqual(['JSONArgsRecommended:2']);
  });
});

test('a build looks at what its last stage needs', () => {
  const text = 'FROM scratch\nCMD a\nFROM scratch\nCMD b\n';
  expect([found(text), found(text, { onlyTarget: true })]).toEqual([
    ['JSONArgsRecommended:2', 'JSONArgsRecommended:4'],
    ['JSONArgsRecommended:4'],
  ]);
});

test('triggers fire only in stages that the last one needs', () => {
  const base = 'FROM scratch AS a\nONBUILD CMD x\n';
  expect([found(`${base}FROM a\n`), found(`${base}FROM a\nFROM scratch\n`)]).toEqual([
    ['JSONArgsRecommended:3'],
    [],
  ]);
});

test('a variable without a value is told of also where it must have one', () => {
  expect(found('FROM scratch\nENV A=${B:?needed}\n')).toEqual(['UndefinedVar:2']);
});

test('the patterns of --exclude name no variables', () => {
  expect(found('FROM scratch\nCOPY --exclude=$A / /\n')).toEqual([]);
});

test('the wanted platform is not what a build argument calls it', () => {
  const options = {
    buildArgs: new Map([['TARGETPLATFORM', 'linux/riscv64']]),
    baseImage: () => ({ platform: 'linux/amd64', environment: new Map<string, string>() }),
  };
  expect(found('FROM base\n', options)).toEqual([]);
});

test.each(['FROM Upper', 'FROM a:b:c', 'FROM --platform=nothing scratch'])('%s is a mistake', (line) => {
  expect(checkDockerfile(`${line}\n`, { file: 'Dockerfile' }).errors).toHaveLength(1);
});

test('of two names as near as each other the one that was set first is meant', () => {
  const text = 'FROM scratch AS base\nENV A=1 B=2 A=3\nFROM base\nENV C=4\nLABEL x=$D\n';
  const { warnings } = checkDockerfile(text, { file: 'Dockerfile' });
  expect(warnings.map(({ message }) => message)).toEqual([
    "Usage of undefined variable '$D' (did you mean $B?)",
  ]);
});
