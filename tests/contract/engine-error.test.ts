import { expect, test } from 'vitest';
import { EngineError } from '../../src-main/contract/errors.ts';
import { toEngineError } from '../../src-main/rpc/engine-error.ts';

test('a call fails for what went wrong first, not for what then went wrong in cleaning up', async () => {
  const first = new EngineError('NO_SPACE', 'the disk is full');
  const call = async (): Promise<void> => {
    await using after = new AsyncDisposableStack();
    after.defer(() => Promise.reject(new EngineError('IO', 'cannot be removed')));
    after.defer(() => Promise.reject(new Error('a defect')));
    await Promise.reject(first);
  };
  const thrown = await call().catch((error: unknown) => error);
  const logged: unknown[] = [];
  const log = { error: (fields: object) => logged.push(fields), warn: () => undefined };
  expect([toEngineError(thrown, 'builds.run', log), logged]).toEqual([first, []]);
});
