import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SourceLocation } from '../../../src-main/contract/errors.ts';
import { checkDockerfile } from '../../../src-main/engine/dockerfile/check-dockerfile.ts';
import type { CheckDockerfileOptions } from '../../../src-main/engine/dockerfile/check-dockerfile.ts';
import { ALL_CHECKS } from '../../../src-main/engine/dockerfile/checks/all-checks.ts';
import type { BaseImage } from '../../../src-main/engine/dockerfile/evaluate-stage.ts';
import { parseIgnoreFile } from '../../../src-main/engine/dockerfile/ignore-file.ts';
import type { Warning } from '../../../src-main/engine/dockerfile/warning.ts';
import { GOLDENS, goldenCases, readGolden, readGoldenText } from './goldens.ts';

type Options = Partial<CheckDockerfileOptions>;

function check(text: string, options: Options = {}) {
  return checkDockerfile(text, { file: 'Dockerfile', ...options });
}

/** `line rule` of every warning. */
function rules(text: string, options: Options = {}): readonly string[] {
  return check(text, options).warnings.map((warning) => `${warning.location.line} ${warning.rule}`);
}

function messages(text: string, options: Options = {}): readonly string[] {
  return check(text, options).warnings.map((warning) => warning.message);
}

function offsetOf(text: string, line: number, column: number): number {
  return (
    text
      .split('\n')
      .slice(0, line - 1)
      .reduce((sum, one) => sum + one.length + 1, 0) +
    column -
    1
  );
}

function replaceAt(text: string, location: SourceLocation, replacement: string): string {
  const start = offsetOf(text, location.line, location.column);
  const end = offsetOf(text, location.endLine, location.endColumn);
  return text.slice(0, start) + replacement + text.slice(end);
}

/** The text with the first warning's fix made, from the last edit to the first. */
function fixFirst(text: string, warning = check(text).warnings[0]): string | undefined {
  return warning?.fixes[0]?.edits
    .toReversed()
    .reduce((sum, edit) => replaceAt(sum, edit.location, edit.text), text);
}

describe('each check warns of what it is for, and of nothing else', () => {
  test.each<[string, string, string[]]>([
    ['stage name casing', 'FROM a AS B\nFROM a AS c-1', ['1 StageNameCasing']],
    ['AS in the case of FROM', 'FROM a as b\nFROM a AS c', ['1 FromAsCasing']],
    [
      'AS after a FROM in mixed case is left alone',
      'FROM a\nFrom a as b\nRUN x',
      ['2 ConsistentInstructionCasing'],
    ],
    ['empty continuation lines', 'FROM a\nRUN x \\\n\n y\nRUN a \\\n# fine\n b', ['4 NoEmptyContinuation']],
    ['the case of the majority', 'from a\nRUN x\nrun y', ['2 ConsistentInstructionCasing']],
    ['stage names that repeat', 'FROM a AS b\nFROM a AS B', ['2 StageNameCasing', '2 DuplicateStageName']],
    [
      'reserved stage names',
      'FROM a AS context\nFROM a AS scratch',
      ['1 ReservedStageName', '2 ReservedStageName'],
    ],
    ['the shell form', 'FROM a\nCMD x', ['2 JSONArgsRecommended']],
    ['not the shell form after SHELL', 'FROM a AS b\nSHELL ["x"]\nCMD x\nFROM b\nENTRYPOINT y', []],
    ['MAINTAINER', 'FROM a\nMAINTAINER x', ['2 MaintainerDeprecated']],
    [
      'undeclared arguments in FROM',
      'ARG A=a\nFROM ${B:-a}\nFROM --platform=$TARGETPLATFORN a',
      ['2 UndefinedArgInFrom', '3 UndefinedArgInFrom'],
    ],
    [
      'a relative first WORKDIR',
      'FROM a AS b\nWORKDIR x\nWORKDIR y\nFROM b\nWORKDIR z',
      ['2 WorkdirRelativePath'],
    ],
    ['not a WORKDIR whose variable is absolute', 'FROM a\nARG d=/x\nWORKDIR $d', []],
    ['undefined variables', 'FROM a\nARG b\nENV c=$b$d\nUSER $c$e', ['3 UndefinedVar', '4 UndefinedVar']],
    ['not those of the shell', 'FROM a\nRUN echo $x\nCMD ["$x"]', []],
    ['not those of a base stage', 'FROM a AS b\nENV x=1\nARG y\nFROM b\nLABEL l=$x$y', []],
    [
      'CMD, ENTRYPOINT and HEALTHCHECK but the last',
      'FROM a\nCMD []\nCMD []\nHEALTHCHECK NONE\nHEALTHCHECK NONE\nFROM a\nCMD []',
      ['2 MultipleInstructionsDisallowed', '4 MultipleInstructionsDisallowed'],
    ],
    [
      'the old form of ENV and LABEL',
      'FROM a\nENV a b\nLABEL c d',
      ['2 LegacyKeyValueFormat', '3 LegacyKeyValueFormat'],
    ],
    ['a platform that is the default', 'FROM --platform=$TARGETPLATFORM a', ['1 RedundantTargetPlatform']],
    [
      'names of secrets',
      'FROM a\nARG API_KEY\nENV DB_PASSWORD=1 PUBLIC_KEY=1 TOKEN_FILE=1',
      ['2 SecretsUsedInArgOrEnv', '3 SecretsUsedInArgOrEnv'],
    ],
    ['FROM that needs a build argument', 'ARG T\nFROM a:$T', ['2 InvalidDefaultArgInFrom']],
    ['FROM that is no image', 'FROM Upper/Case', ['1 InvalidDefaultArgInFrom']],
    [
      'a fixed platform',
      'FROM --platform=linux/amd64 a\nFROM --platform=linux/amd64 a AS for-amd64',
      ['1 FromPlatformFlagConstDisallowed'],
    ],
    ['protocols in upper case', 'FROM a\nARG p=80/TCP\nEXPOSE $p 1/udp', ['3 ExposeProtoCasing']],
    ['ports of the host', 'FROM a\nEXPOSE 80:80 81', ['2 ExposeInvalidFormat']],
    ['what a trigger does where it fires', 'FROM a AS b\nONBUILD CMD x\nFROM b', ['3 JSONArgsRecommended']],
  ])('%s', (_, text, expected) => {
    expect(rules(text)).toEqual(expected);
  });

  test('a base image’s variables, shell and triggers count', () => {
    const image: BaseImage = {
      environment: new Map([['NGINX', '1']]),
      shell: ['/bin/bash', '-c'],
      onbuild: ['ENV FROM_BASE=1'],
    };
    const text = 'FROM nginx\nLABEL a=$NGINX b=$FROM_BASE\nCMD x';
    expect([rules(text, { baseImage: () => image }), rules(text)]).toEqual([
      [],
      ['2 UndefinedVar', '2 UndefinedVar', '3 JSONArgsRecommended'],
    ]);
  });

  test('a base image of another platform', () => {
    const image: BaseImage = { environment: new Map(), platform: 'linux/arm64' };
    const asked: string[][] = [];
    const baseImage = (name: string, platform: string): BaseImage => {
      asked.push([name, platform]);
      return image;
    };
    expect(messages('ARG v=1\nFROM a:$v AS b\nFROM b\nFROM scratch', { baseImage })).toEqual([
      'Base image a:1 was pulled with platform "linux/arm64", expected "linux/amd64" for current build',
    ]);
    expect(asked).toEqual([['a:1', 'linux/amd64']]);
  });

  test('ignored files, only when asked for', () => {
    const text =
      'FROM scratch\nCOPY a.md ./b.md <<E https://x/ok.md /\nE\nADD c.txt https://x/y.md /\nCOPY --from=x a.md /';
    const ask = '# check=experimental=CopyIgnoredFile\n';
    const ignorePatterns = ['*.md'];
    expect([rules(text, { ignorePatterns }), messages(ask + text, { ignorePatterns })]).toEqual([
      [],
      [
        'Attempting to Copy file "a.md" that is excluded by .dockerignore',
        'Attempting to Copy file "./b.md" that is excluded by .dockerignore',
      ],
    ]);
    expect(rules(ask + text, { ignorePatterns: ['*.md', '!a.md'] })).toEqual([]);
  });

  test('comments that describe nothing, only when asked for', () => {
    const text = '# check=experimental=all\n# a what a is\nARG a=1\n# wrong\nARG b=$a c\nFROM scratch';
    expect(messages(text)).toEqual(['Comment for ARG should follow the format: `# <arg_key> <description>`']);
  });

  test('every check has its own page and is told apart by its name', () => {
    expect(new Set(ALL_CHECKS.map((one) => one.name)).size).toBe(22);
    expect(ALL_CHECKS.find((one) => one.name === 'JSONArgsRecommended')?.url).toBe(
      'https://docs.docker.com/go/dockerfile/rule/json-args-recommended/',
    );
  });
});

describe('a fix', () => {
  test.each([
    ['FROM a AS Big\n', 'FROM a AS big\n'],
    ['FROM a as b\n', 'FROM a AS b\n'],
    ['FROM a\nrun x\n', 'FROM a\nRUN x\n'],
    ['FROM a\nRUN x \\\n\n \n y\n', 'FROM a\nRUN x \\\n y\n'],
    ['FROM a\nCMD top -b\n', 'FROM a\nCMD ["top", "-b"]\n'],
    ['FROM a\nENV a b c\n', 'FROM a\nENV a="b c"\n'],
    ['FROM a\nMAINTAINER A "B"\n', 'FROM a\nLABEL org.opencontainers.image.authors="A \\"B\\""\n'],
  ])('of %j leaves %j, and nothing to warn of', (text, fixed) => {
    expect(fixFirst(text)).toBe(fixed);
    expect(rules(fixed)).toEqual([]);
  });

  test('is not offered where the meaning would change', () => {
    expect([fixFirst('FROM a\nARG TOKEN'), fixFirst('FROM a\nENV a b "c" d')]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('# check=', () => {
  const body = 'FROM a AS B\nCMD x';

  test.each([
    ['# check=skip=JSONArgsRecommended\n', ['2 StageNameCasing']],
    ['# check=skip=StageNameCasing,JSONArgsRecommended\n', []],
    ['# check=skip=all\n', []],
    ['# check=skip=jsonargsrecommended\n', ['2 StageNameCasing', '3 JSONArgsRecommended']],
    ['#!/usr/bin/docker\n# check=skip=all\n', []],
    ['# a\n# check=skip=all\n', ['3 StageNameCasing', '4 JSONArgsRecommended']],
    [' # check=skip=all\n', ['2 StageNameCasing', '3 JSONArgsRecommended']],
  ])('%j leaves %j', (head, expected) => {
    expect(rules(head + body)).toEqual(expected);
  });

  test('can make warnings errors', () => {
    expect(check(`# check=skip=all;error=true\n${body}`)).toMatchObject({
      warningsAreErrors: true,
      errors: [],
    });
    expect(check(`# check=eror=true\n${body}`).errors).toMatchObject([
      { message: 'invalid check option eror=true', hint: 'Did you mean error?', location: { line: 1 } },
    ]);
  });
});

describe('what would stop a build', () => {
  test.each<[string, string, Options]>([
    ['FROM a\nEXPOSE 70000', '2:8 EXPOSE 70000: invalid port 70000', {}],
    ['FROM a\nSTOPSIGNAL SIGTREM', '2:12 invalid signal: SIGTREM', {}],
    ['FROM a\nCOPY --chmod=9 a /b', '2:14 invalid --chmod 9', {}],
    ['FROM a\nCOPY https://x /b', '2:6 COPY cannot take a URL as its source', {}],
    ['FROM a\nRUN --mount=type=tmp,target=/x y', '2:18 unsupported mount type "tmp"', {}],
    ['FROM a AS b\nCOPY --from=b c /d', '2:13 circular dependency: the stage copies from itself (b)', {}],
    ['FROM a\nCOPY --from=b c /d\nFROM a AS b', '2:13 cannot copy from stage b: it is defined later', {}],
    ['FROM a\nCOPY --from=7 c /d', '2:13 no stage has the number 7', {}],
    ['ARG A\nFROM $A', '2:6 the base image $A comes out empty', {}],
    ['FROM --platform=a/b/c/d a', '1:17 --platform=a/b/c/d is no platform', {}],
    ['FROM a\nENV b=${c:?needed}', '2:7 cannot expand "${c:?needed}": c: needed', {}],
    ['FROM a AS b', '1:1 the target stage "c" is not in Dockerfile', { target: 'c' }],
  ])('%j: %s', (text, expected, options) => {
    const { errors } = check(text, options);
    expect(errors.map(({ location, message }) => `${location.line}:${location.column} ${message}`)).toEqual([
      expected,
    ]);
  });

  test('is not found where a build argument or a variable decides', () => {
    const buildArgs = new Map([['A', 'busybox']]);
    const text = 'ARG A\nFROM $A\nARG p\nEXPOSE $p\nCOPY --chmod=$m a /b\nRUN --mount=type=$t,target=/x y';
    expect(check(text, { buildArgs }).errors).toEqual([]);
  });

  test('comes with the warnings for what does parse', () => {
    const { dockerfile, errors, warnings } = check('FROM a AS B\nCOYP a b\nCMD x');
    expect([dockerfile, errors.length, warnings.length]).toEqual([undefined, 1, 2]);
  });
});

interface GoldenWarning {
  readonly ruleName: string;
  readonly lines: readonly [number, number];
  readonly detail: string;
}

const BUSYBOX: BaseImage = { environment: new Map([['PATH', '/bin']]), platform: 'linux/amd64' };

function fileOf(archive: string, name: string): string | undefined {
  if (!existsSync(archive)) return undefined;
  const names = execFileSync('tar', ['tf', archive], { encoding: 'utf8' }).split('\n');
  return names.includes(`./${name}`)
    ? execFileSync('tar', ['xOf', archive, `./${name}`], { encoding: 'utf8' })
    : undefined;
}

function toGolden({ rule, location, message }: Warning): GoldenWarning {
  return { ruleName: rule, lines: [location.line, location.endLine], detail: message };
}

function sorted(warnings: readonly GoldenWarning[]): readonly string[] {
  return warnings.map(({ ruleName, lines, detail }) => `${lines.join('-')} ${ruleName} ${detail}`).toSorted();
}

describe('BuildKit warns of the same', () => {
  test.each(goldenCases('lint'))('%s', (name) => {
    const ignore = fileOf(join(GOLDENS, 'lint', name, 'context.tar'), '.dockerignore');
    const { warnings, errors } = check(readGoldenText('lint', name, 'Dockerfile'), {
      ignorePatterns: ignore === undefined ? undefined : parseIgnoreFile(ignore),
      baseImage: (image) => (image.startsWith('busybox') ? BUSYBOX : undefined),
    });
    const golden = readGolden<{ warnings: GoldenWarning[] }>('lint', name, 'golden.json');
    expect([sorted(warnings.map(toGolden)), errors]).toEqual([sorted(golden.warnings), []]);
  });
});

interface BuildCase {
  readonly dockerfile: string;
  readonly expect: 'ok' | 'fail';
  readonly args: readonly string[];
}

function buildArgsOf(args: readonly string[]): ReadonlyMap<string, string> {
  const given = args.filter((_, i) => args[i - 1] === '--build-arg');
  return new Map(given.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

describe('what BuildKit builds has no errors', () => {
  test.each(
    goldenCases('build').filter((name) => readGolden<BuildCase>('build', name, 'case.json').expect === 'ok'),
  )('%s', (name) => {
    const { dockerfile, args } = readGolden<BuildCase>('build', name, 'case.json');
    const text = fileOf(join(GOLDENS, 'build', name, 'context.tar'), dockerfile);
    expect(check(text ?? '', { buildArgs: buildArgsOf(args) }).errors).toEqual([]);
  });
});
