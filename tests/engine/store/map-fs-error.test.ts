import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { EngineError } from '../../../src-main/contract/errors.ts';
import { mapFsError, mappingFsErrors } from '../../../src-main/engine/store/map-fs-error.ts';

const systemError = (code: string): Error =>
  Object.assign(new Error(`${code}: open '/home/me/secret'`), { code });

test.each([
  ['ENOSPC', 'NO_SPACE'],
  ['EDQUOT', 'NO_SPACE'],
  ['EROFS', 'PERMISSION'],
  ['EACCES', 'PERMISSION'],
  ['ENOENT', 'NOT_FOUND'],
  ['EIO', 'IO'],
  ['SQLITE_FULL', 'NO_SPACE'],
  ['SQLITE_BUSY_SNAPSHOT', 'BUSY'],
  ['SQLITE_IOERR_FSYNC', 'IO'],
  ['SQLITE_CORRUPT', 'CORRUPT'],
  ['EWEIRD', 'IO'],
])('%s becomes %s, says what could not be done, and shows no path', (code, expected) => {
  const error = mapFsError(systemError(code), 'write a blob');
  expect(error.code).toBe(expected);
  expect(error.message).toMatch(/^could not write a blob: /);
  expect(error.message + (error.hint ?? '')).not.toContain('secret');
});

test('an EngineError stays what it is', () => {
  const error = new EngineError('CANCELLED', 'x');
  expect(mapFsError(error, 'y')).toBe(error);
});

test('real errors are mapped', async () => {
  const reading = mappingFsErrors('read the list', () => readFile('/nonexistent/file'));
  await expect(reading).rejects.toThrow('could not read the list: it does not exist');
});
