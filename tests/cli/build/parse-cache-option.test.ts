import { expect, test } from 'vitest';
import { parseCacheFrom, parseCacheTo } from '../../../src-main/cli/build/parse-cache-option.ts';

test.for([
  ['type=local,src=c', { type: 'local', source: '/w/c' }],
  ['type=archive,src=/c.tar', { type: 'archive', source: '/c.tar' }],
  ['./c', { type: 'local', source: '/w/c' }],
  ['c.tar', { type: 'archive', source: '/w/c.tar' }],
] as const)('--cache-from %s', ([text, expected]) => {
  expect(parseCacheFrom(text, '/w')).toEqual(expected);
});

test.for([
  ['type=local,dest=c', { type: 'local', destination: '/w/c', mode: 'min' }],
  ['type=archive,dest=c.tar,mode=max', { type: 'archive', destination: '/w/c.tar', mode: 'max' }],
  ['../c', { type: 'local', destination: '/c', mode: 'min' }],
] as const)('--cache-to %s', ([text, expected]) => {
  expect(parseCacheTo(text, '/w')).toEqual(expected);
});

test.for(['type=registry,ref=a/b', 'type=gha', 'type=inline', 'user/app:cache', 'ref=user/app'])(
  '--cache-to %s is refused, with what there is',
  (text) => {
    expect(() => parseCacheTo(text, '/w')).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        hint: expect.stringContaining('type=local') as string,
      }) as Error,
    );
  },
);

test.for(['type=local', 'type=local,dest=c,mode=all', 'type=local,dest=c,compression=zstd'])(
  '--cache-to %s is no form of it',
  (text) => {
    expect(() => parseCacheTo(text, '/w')).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }) as Error,
    );
  },
);
