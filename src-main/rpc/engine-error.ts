import { cancelled, EngineError, isEngineError } from '../contract/errors.ts';
import type { ErrorCode } from '../contract/errors.ts';
import type { RpcLog } from './rpc-log.ts';

const SYSTEM_CODES: Readonly<Record<string, { readonly code: ErrorCode; readonly hint?: string }>> = {
  ENOSPC: {
    code: 'NO_SPACE',
    hint: 'Free some space on that disk, for example with a prune, and try again.',
  },
  EDQUOT: { code: 'NO_SPACE', hint: 'Your disk quota is used up.' },
  EACCES: { code: 'PERMISSION' },
  EPERM: { code: 'PERMISSION' },
  EROFS: { code: 'PERMISSION', hint: 'The file system is read-only.' },
  ENOENT: { code: 'NOT_FOUND' },
  EBUSY: { code: 'BUSY' },
};

/**
 * The EngineError that a caller gets for whatever the engine threw during `call`. What is not an EngineError, an
 * abort or a refusal of the operating system is a defect: its stack goes to the log, the caller gets INTERNAL.
 */
export function toEngineError(
  error: unknown,
  call: string,
  log: RpcLog,
  signal?: AbortSignal | undefined,
): EngineError {
  if (isEngineError(error)) return error;
  // What went wrong first is why the call failed; the rest went wrong when it was cleaned up after.
  if (error instanceof SuppressedError) return toEngineError(error.suppressed, call, log, signal);
  if (signal?.aborted === true && isAbort(error)) return cancelled(call);
  if (isSystemError(error)) return fromSystemError(error);
  log.error({ err: error, call }, 'a call failed unexpectedly');
  return new EngineError('INTERNAL', `${call} failed because of a defect in Varve`, {
    hint: 'The log file in the store’s folder has the details.',
    cause: error,
  });
}

interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
}

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function fromSystemError(error: SystemError): EngineError {
  const { code, hint } = SYSTEM_CODES[error.code] ?? { code: 'IO' as const };
  return new EngineError(code, error.message, { hint, cause: error });
}
