import { describe, expect, test } from 'vitest';
import { cleanPath } from '../../../src-main/engine/dockerfile/clean-path.ts';
import { formatDuration, parseDuration } from '../../../src-main/engine/dockerfile/duration.ts';
import { compileGlob } from '../../../src-main/engine/dockerfile/glob.ts';
import {
  argHistory,
  cmdHistory,
  copyHistory,
  envHistory,
  exposeHistory,
  healthcheckHistory,
  runHistory,
  shellHistory,
  volumeHistory,
} from '../../../src-main/engine/dockerfile/history-text.ts';
import { nearest } from '../../../src-main/engine/dockerfile/nearest.ts';
import { parseChmod } from '../../../src-main/engine/dockerfile/parse-chmod.ts';
import { parseChown, parseId } from '../../../src-main/engine/dockerfile/parse-chown.ts';
import { hasHostPart, parseExpose } from '../../../src-main/engine/dockerfile/parse-expose.ts';
import { parseMount, parseMountFlag } from '../../../src-main/engine/dockerfile/parse-mount.ts';
import type { Mount } from '../../../src-main/engine/dockerfile/parse-mount.ts';
import { parseSignal } from '../../../src-main/engine/dockerfile/parse-signal.ts';
import { readDockerfile } from '../../../src-main/engine/dockerfile/read-dockerfile.ts';
import { parseTrigger } from '../../../src-main/engine/dockerfile/parse-trigger.ts';
import { thrown } from './thrown.ts';

const PLACE = { file: 'Dockerfile', line: 2, column: 1, endLine: 2, endColumn: 99 };

test.each([
  ['1m30s', 90_000_000_000n, '1m30s'],
  ['1.5h', 5_400_000_000_000n, '1h30m0s'],
  ['500ms', 500_000_000n, '500ms'],
  ['1500us', 1_500_000n, '1.5ms'],
  ['2µs', 2_000n, '2µs'],
  ['7ns', 7n, '7ns'],
  ['0', 0n, '0s'],
  ['.5s', 500_000_000n, '500ms'],
  ['-2s', -2_000_000_000n, '-2s'],
  ['100h', 360_000_000_000_000n, '100h0m0s'],
  ['2562047h47m16.854775807s', 9_223_372_036_854_775_807n, '2562047h47m16.854775807s'],
  ['9007199254740993ns', 9_007_199_254_740_993n, '2501h59m59.254740993s'],
])('the duration %s is %d ns and prints as %s', (text, nanoseconds, printed) => {
  expect([parseDuration(text), formatDuration(nanoseconds)]).toEqual([nanoseconds, printed]);
});

test.each(['', 's', '1', '1 s', '1d', '1m 2s', '1e3s', '2562047h47m16.854775808s', '1.s.'])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test.each<[string, number, boolean, number]>([
  ['755', 0o644, false, 0o755],
  ['0644', 0o777, true, 0o644],
  ['4755', 0, false, 0o4755],
  ['+x', 0o644, false, 0o755],
  ['u+x,go-r', 0o644, false, 0o700],
  ['u=rwX,go=rX', 0o600, true, 0o755],
  ['u=rwX,go=rX', 0o600, false, 0o644],
  ['u=rwX,go=rX', 0o711, false, 0o755],
  ['g=u', 0o640, false, 0o660],
  ['a=r', 0o777, false, 0o444],
  ['u+s,g+s', 0o644, false, 0o6644],
  ['+t', 0o777, true, 0o1777],
  ['ug=rw,o=', 0o644, false, 0o660],
  ['o-rwx', 0o777, false, 0o770],
])('--chmod=%s makes %o (a folder: %s) %o', (text, mode, isDirectory, expected) => {
  expect(parseChmod(text)?.(mode, isDirectory)).toBe(expected);
});

test.each(['', '8', '17777', 'u', '+q', 'u+x,', 'rwx', '0x1'])('%j is no mode', (text) => {
  expect(parseChmod(text)).toBeUndefined();
});

test('an owner is a user and perhaps a group, each a name or a number', () => {
  expect([parseChown('a'), parseChown('1:2'), parseChown('a:'), parseChown('a:b:c')]).toEqual([
    { user: 'a', group: undefined },
    { user: '1', group: '2' },
    { user: 'a', group: '' },
    undefined,
  ]);
  expect([parseId('0'), parseId('4294967295'), parseId('4294967296'), parseId('a')]).toEqual([
    0,
    4294967295,
    undefined,
    undefined,
  ]);
});

test.each<[string, string[], boolean]>([
  ['80', ['80/tcp'], false],
  ['+80-+81', ['80/tcp', '81/tcp'], false],
  ['53/UDP', ['53/udp'], false],
  ['8000-8002/sctp', ['8000/sctp', '8001/sctp', '8002/sctp'], false],
  ['5000:6000', ['6000/tcp'], true],
  ['127.0.0.1:80:8080/tcp', ['8080/tcp'], true],
  ['[::1]:80:81', ['81/tcp'], true],
  ['1-2:3-4', ['3/tcp', '4/tcp'], true],
])('EXPOSE %s opens %j', (word, ports, hasHost) => {
  expect([parseExpose(word), hasHostPart(word)]).toEqual([ports, hasHost]);
});

test.each([
  ['::80', false],
  [':80', false],
  ['80:', false],
  ['1::80', true],
])('EXPOSE %s names a part of the host: %s', (word, expected) => {
  expect(hasHostPart(word)).toBe(expected);
});

test.each([
  'abc',
  '70000',
  '80/http',
  '',
  '/tcp',
  '2-1',
  '1-2-3',
  'x:80',
  '300.1.1.1:1:2',
  '01.1.1.1:1:2',
  '1:2:3:4',
  '1-3:5-6',
])('EXPOSE %j is refused', (word) => {
  expect(thrown(() => parseExpose(word)).code).toBe('DOCKERFILE');
});

test('signals have names with and without SIG, and numbers', () => {
  const texts = [
    'SIGTERM',
    'term',
    '15',
    'SIGRTMIN+3',
    'RTMAX-1',
    'RTMIN',
    '0',
    'NOTASIGNAL',
    'a b',
    'RTMIN+16',
  ];
  expect(texts.map(parseSignal)).toEqual([
    15,
    15,
    15,
    37,
    63,
    34,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

describe('a glob', () => {
  test.each<[string, string[], string[]]>([
    ['*.txt', ['a.txt', '.txt'], ['a.md', 'd/a.txt']],
    ['?', ['a', 'é', '😀'], ['', 'ab', '/']],
    ['[a-c^]x', ['ax', '^x'], ['dx']],
    ['[^a-c]x', ['dx'], ['ax', '/x']],
    ['a\\*b', ['a*b'], ['axb']],
    ['*/*', ['a/b', '/'], ['a', 'a/b/c']],
    ['**', ['a'], ['a/b']],
    ['a*b*c', ['abc', 'aXbYc'], ['aXbY', 'ab/c']],
  ])('%s', (pattern, taken, left) => {
    const glob = compileGlob(pattern);
    expect([taken.map(glob.match), left.map(glob.match)]).toEqual([
      taken.map(() => true),
      left.map(() => false),
    ]);
  });

  test.each(['[', '[a', '[]', '[-]', 'a\\', '[a-]'])('%s is refused', (pattern) => {
    expect(thrown(() => compileGlob(pattern)).message).toBe(`syntax error in pattern ${pattern}`);
  });
});

test.each([
  ['', '.'],
  ['./a//b/../c/', 'a/c'],
  ['/../a', '/a'],
  ['../a', '../a'],
  ['a/../..', '..'],
  ['/', '/'],
])('the path %j is %j when cleaned', (path, clean) => {
  expect(cleanPath(path)).toBe(clean);
});

test('the nearest name is at most two edits away', () => {
  const names = ['from', 'copy', 'run'];
  expect([
    nearest('form', names),
    nearest('rum', names),
    nearest('xyz', names),
    nearest('copy', names),
  ]).toEqual(['from', 'run', undefined, undefined]);
});

describe('history', () => {
  test('is written as BuildKit writes it', () => {
    const health = {
      test: ['CMD-SHELL', 'a "b"\n'],
      intervalNs: 300000000000n,
      timeoutNs: 3000000000n,
      startPeriodNs: 90000000000n,
      startIntervalNs: 500000000n,
      retries: 7,
    };
    expect([
      runHistory(['/bin/sh', '-c', 'echo $A'], [{ key: 'A', value: '1' }]),
      runHistory(['touch', '/x'], []),
      copyHistory({
        keyword: 'COPY',
        parents: true,
        chown: '1:2',
        chmod: '755',
        paths: ['a'],
        heredocs: ['E'],
        destination: '/d',
      }),
      envHistory([{ key: 'a', value: 'b c' }]),
      argHistory([
        { key: 'a', value: undefined },
        { key: 'b', value: '' },
      ]),
      cmdHistory(['/bin/sh', '-c', 'ünï "q"\t\u0001\ud83d\ude00\u200b']),
      shellHistory(['/bin/sh', '-ec']),
      volumeHistory(['/a', '/b']),
      exposeHistory(['80/tcp']),
      healthcheckHistory(health),
      healthcheckHistory({ ...health, test: ['NONE'], retries: 39, intervalNs: 0n }),
    ]).toEqual([
      'RUN |1 A=1 /bin/sh -c echo $A # buildkit',
      'RUN touch /x # buildkit',
      'COPY --parents --chown=1:2 --chmod=755 a <<E /d # buildkit',
      'ENV a=b c',
      'ARG a b=',
      'CMD ["/bin/sh" "-c" "ünï \\"q\\"\\t\\x01😀\\u200b"]',
      'SHELL [/bin/sh -ec]',
      'VOLUME [/a /b]',
      'EXPOSE [80/tcp]',
      'HEALTHCHECK &{["CMD-SHELL" "a \\"b\\"\\n"] "5m0s" "3s" "1m30s" "500ms" \'\\a\'}',
      'HEALTHCHECK &{["NONE"] "0s" "3s" "1m30s" "500ms" \'\\\'\'}',
    ]);
  });
});

function mount(value: string): Mount {
  const flag = parseMountFlag({
    name: 'mount',
    value,
    location: PLACE,
    nameLocation: PLACE,
    valueLocation: PLACE,
  });
  return parseMount(flag, (text) => text.replace('$x', 'X'));
}

describe('a mount', () => {
  test.each<[string, Partial<Mount>]>([
    ['target=/t', { type: 'bind', target: '/t', readOnly: true }],
    ['type=bind,src=a,dst=/t,rw', { source: 'a', readOnly: false }],
    [
      'type=cache,target=/$x,sharing=LOCKED,mode=0755,uid=1,gid=2,id=i,from=s',
      {
        target: '/X',
        sharing: 'locked',
        mode: 0o755,
        uid: 1,
        gid: 2,
        id: 'i',
        from: 's',
        readOnly: false,
      },
    ],
    ['type=tmpfs,target=/t,size=1.5m', { sizeLimitBytes: 1572864, readOnly: false }],
    ['type=secret,id=s,env=S,required', { id: 's', env: 'S', required: true }],
    ['type=ssh,required=false', { type: 'ssh', required: false }],
    ['target=/t,readonly=false', { readOnly: false }],
  ])('%s', (value, expected) => {
    expect(mount(value)).toMatchObject(expected);
  });

  test.each([
    ['type=tmp,target=/x', 'unsupported mount type "tmp"', 'Did you mean tmpfs?'],
    [
      'type=volume,target=/x',
      'unsupported mount type "volume"',
      'It is one of bind, cache, tmpfs, secret, ssh.',
    ],
    ['type=cachee,target=/x', 'unsupported mount type "cachee"', 'Did you mean cache?'],
    [
      'type=cache,target=/x,sharing=x',
      'unsupported sharing value "x"',
      'It is one of shared, private, locked.',
    ],
    [
      'type=tmpfs,target=/x,sharing=locked',
      'unexpected sharing for a mount of type tmpfs',
      'Only mounts of type cache have it.',
    ],
    [
      'type=bind,target=/x,mode=1',
      'unexpected mode for a mount of type bind',
      'Only mounts of type secret or ssh or cache have it.',
    ],
    ['type=cache,mode=9', 'invalid value 9 for mode', 'It is an octal number, like 0400.'],
    ['target', 'field target of the mount must be key=value', 'Write target=….'],
    ['targt=/x', 'unexpected key targt in targt=/x', 'Did you mean target?'],
    ['type=secret', 'a secret mount needs an id, a source or a target', 'Write type=secret,id=name.'],
    ['ro=maybe', 'invalid value for ro: maybe', 'It is true or false.'],
    ['size=1', 'unexpected size for a mount of type bind', 'Only mounts of type tmpfs have it.'],
    [
      'from=$x',
      'from does not take variables in a mount',
      'Define a stage with FROM and a global ARG, and name that stage here.',
    ],
    ['"a', 'cannot read the fields of --mount="a', 'Write --mount=type=cache,target=/path.'],
  ])('%s is refused', (value, message, hint) => {
    const error = thrown(() => mount(value));
    expect([error.message, error.hint, error.location]).toEqual([message, hint, PLACE]);
  });
});

test('a mistake in a mount is placed at the key or the value that is wrong', () => {
  const { instructions } = readDockerfile(
    'FROM a\nRUN --mount=type=cache,targt=/x true\nRUN --mount=type=bind,mode=8,target=/ true\n',
    'Dockerfile',
  ).dockerfile;
  const places = instructions
    .flatMap((instruction) => (instruction.kind === 'run' ? instruction.mounts : []))
    .map((flag) => thrown(() => parseMount(flag, (text) => text)).location);
  expect(places.map((place) => [place?.column, place?.endColumn])).toEqual([
    [24, 29],
    [28, 29],
  ]);
});

test('a trigger is one instruction, placed at the FROM that fires it', () => {
  expect(parseTrigger('COPY <<E /x\n$a\nE', PLACE)).toMatchObject({
    kind: 'copy',
    location: PLACE,
    sources: [{ heredoc: { content: '$a\n' } }],
  });
  const wrong = ['', 'RUN a\nRUN b', 'FROM a', 'ONBUILD RUN a', 'NONSENSE'];
  expect(wrong.map((trigger) => thrown(() => parseTrigger(trigger, PLACE)).location)).toEqual(
    wrong.map(() => PLACE),
  );
});
