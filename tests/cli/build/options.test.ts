import { describe, expect, test } from 'vitest';
import { isEngineError } from '../../../src-main/contract/errors.ts';
import type { BuildOptions } from '../../../src-main/cli/build/build-options.ts';
import { parseOutput } from '../../../src-main/cli/build/parse-output.ts';
import { toRequest } from '../../../src-main/cli/build/to-request.ts';

const PLAIN: BuildOptions = {
  tag: [],
  buildArg: [],
  buildContext: [],
  secret: [],
  ssh: [],
  addHost: [],
  ulimit: [],
  label: [],
  cache: true,
  cacheFilter: [],
  cacheFrom: [],
  cacheTo: [],
  network: 'default',
  compression: 'gzip',
  output: [],
  progress: 'auto',
};

function request(options: Partial<BuildOptions>, env: Record<string, string> = {}) {
  const parsePlatform = () => ({ os: 'linux', architecture: 'arm64' });
  return toRequest({ ...PLAIN, ...options }, { cwd: '/work', env, parsePlatform });
}

describe('build options', () => {
  test('a build argument without a value is the environment’s, and none where there is none', () => {
    const { buildArgs } = request({ buildArg: ['A=1', 'B', 'C', 'D='] }, { B: 'from outside' });
    expect(buildArgs).toEqual({ A: '1', B: 'from outside', D: '' });
  });

  test('a secret is a file, a variable, or whichever of the two has its name', () => {
    const { secrets } = request(
      { secret: ['id=a,src=a.txt', 'id=b,env=B', 'id=TOKEN', 'id=c', 'id=d,"src=x,y"'] },
      { TOKEN: 't' },
    );
    expect(secrets).toEqual([
      { id: 'a', source: '/work/a.txt' },
      { id: 'b', env: 'B' },
      { id: 'TOKEN', env: 'TOKEN' },
      { id: 'c', source: '/work/c' },
      { id: 'd', source: '/work/x,y' },
    ]);
  });

  test('a build context is a folder unless it has a scheme', () => {
    const { buildContexts } = request({
      buildContext: ['a=lib', 'b=docker-image://busybox:1', 'c=oci-layout://out'],
    });
    expect(buildContexts).toEqual({
      a: '/work/lib',
      b: 'docker-image://busybox:1',
      c: 'oci-layout:///work/out',
    });
  });

  test('SOURCE_DATE_EPOCH comes from a build argument before the environment, where an empty one is none', () => {
    const { sourceDateEpoch, buildArgs } = request({}, { SOURCE_DATE_EPOCH: '' });
    expect({ sourceDateEpoch, buildArgs }).toEqual({ sourceDateEpoch: undefined, buildArgs: {} });
    expect(request({}, { SOURCE_DATE_EPOCH: '1' }).sourceDateEpoch).toBe(1);
    expect(request({ buildArg: ['SOURCE_DATE_EPOCH=2'] }, { SOURCE_DATE_EPOCH: '1' }).sourceDateEpoch).toBe(
      2,
    );
  });

  test.each([
    [{ buildArg: ['=x'] }],
    [{ buildContext: ['alone'] }],
    [{ secret: ['src=a'] }],
    [{ addHost: ['nowhere'] }],
    [{ buildArg: ['SOURCE_DATE_EPOCH=soon'] }],
  ])('%j is refused', (options) => {
    expect(() => request(options)).toThrow(
      expect.toSatisfy((error) => isEngineError(error, 'INVALID_INPUT')),
    );
  });

  test.each([
    ['-', { type: 'tar', path: undefined }],
    ['out', { type: 'local', path: '/work/out' }],
    ['type=oci,dest=a.tar', { type: 'oci', path: '/work/a.tar' }],
    ['type=docker,dest=-', { type: 'docker', path: undefined }],
    ['type=docker', undefined],
    ['type=image', undefined],
    ['type=tar', { type: 'tar', path: undefined }],
  ])('--output %s', (text, output) => {
    expect(parseOutput(text, '/work')).toEqual(output);
  });
});
