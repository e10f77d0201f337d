import { EngineError } from '../../../src-main/contract/errors.ts';

/** The EngineError that `compute` throws; fails the test when it throws none. */
export function thrown(compute: () => unknown): EngineError {
  try {
    compute();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
