import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseChallenges } from '../../../src-main/engine/registry/login/challenge.ts';

const plain = (header: string) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

test.each([
  ['Basic realm="Registry Realm"', [['basic', { realm: 'Registry Realm' }]]],
  [
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
    [
      [
        'bearer',
        {
          realm: 'https://auth.docker.io/token',
          service: 'registry.docker.io',
          scope: 'repository:a/b:pull,push',
        },
      ],
    ],
  ],
  [
    'Negotiate, NTLM dGVzdA==, Basic realm="a \\"quoted\\" \\\\ one, with a comma", Bearer realm=https://x.example/t , error="insufficient_scope"',
    [
      ['negotiate', {}],
      ['ntlm', {}],
      ['basic', { realm: 'a "quoted" \\ one, with a comma' }],
      ['bearer', { realm: 'https://x.example/t', error: 'insufficient_scope' }],
    ],
  ],
  ['BEARER Realm = "r" , SERVICE=s', [['bearer', { realm: 'r', service: 's' }]]],
  ['Bearer realm="first",realm="second"', [['bearer', { realm: 'second' }]]],
  [', ,Basic', [['basic', {}]]],
  ['Bearer realm="never ends', [['bearer', {}]]],
  ['', []],
  ['"', []],
])('%s', (header, challenges) => {
  expect(plain(header)).toEqual(challenges);
});

test('whatever is written is read again', () => {
  const name = fc.stringMatching(/^[a-z][a-z_]{0,8}$/);
  const parameters = fc.dictionary(name, fc.string({ unit: 'grapheme-ascii' }), {
    minKeys: 1,
    noNullPrototype: true,
  });
  const quote = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
  fc.assert(
    fc.property(fc.array(fc.tuple(name, parameters)), (challenges) => {
      const header = challenges.map(([scheme, given]) => {
        const written = Object.entries(given).map(([key, value]) => `${key}=${quote(value)}`);
        return `${scheme} ${written.join(',')}`;
      });
      expect(plain(header.join(', '))).toEqual(challenges);
    }),
  );
});

test('no text takes more than linear time, or an error', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => void parseChallenges(text)),
  );
  expect(plain(`Basic ${'a,'.repeat(50_000)}`).length).toBeGreaterThan(1);
});
