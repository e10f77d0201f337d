import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openBoundedLogFile } from '../../src-main/engine-host/bounded-log-file.ts';
import { redactSecrets } from '../../src-main/engine/redact-log.ts';

describe('a line of the log', () => {
  test.each([
    ['Authorization: Bearer abc.def-123', 'Authorization: Bearer [redacted]'],
    ['authorization: basic dXNlcjpwYXNz', 'authorization: basic [redacted]'],
    ['GET https://me:hunter2@host/v2/', 'GET https://[redacted]@host/v2/'],
    ['{"password":"hunter2","user":"me"}', '{"password":"[redacted]","user":"me"}'],
    ['{"auth": "a\\"b"}', '{"auth": "[redacted]"}'],
    [
      JSON.stringify({ said: JSON.stringify({ Secret: 'hun"ter\\2', user: 'me' }) }),
      JSON.stringify({ said: JSON.stringify({ Secret: '[redacted]', user: 'me' }) }),
    ],
    ['POST grant_type=password&password=hunter2&x=1', 'POST grant_type=password&password=[redacted]&x=1'],
    ['https://cdn/blob?x=1&X-Amz-Signature=abc', 'https://cdn/blob?x=1&X-Amz-Signature=[redacted]'],
    ['pulled docker.io/library/busybox@sha256:12', 'pulled docker.io/library/busybox@sha256:12'],
  ])('%s is written as %s', (line, written) => {
    expect(redactSecrets(line)).toBe(written);
  });
});

describe('the log file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'varve-log-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('keeps the newest lines in two files of bounded size', async () => {
    const log = openBoundedLogFile(join(folder, 'logs', 'engine.log'), 100);
    for (let index = 0; index < 50; index += 1) log.write(`line number ${String(index).padStart(4, '0')}\n`);
    const read = (name: string): Promise<string> => readFile(join(folder, 'logs', name), 'utf8');
    expect((await readdir(join(folder, 'logs'))).sort()).toEqual(['engine.log', 'engine.log.1']);
    const [older, newer] = [await read('engine.log.1'), await read('engine.log')];
    expect(Math.max(older.length, newer.length)).toBeLessThanOrEqual(100);
    expect(newer.endsWith('line number 0049\n')).toBe(true);
  });

  test('goes on after what an earlier process wrote', async () => {
    const path = join(folder, 'engine.log');
    openBoundedLogFile(path, 1000).write('one\n');
    openBoundedLogFile(path, 1000).write('two\n');
    expect(await readFile(path, 'utf8')).toBe('one\ntwo\n');
  });
});
