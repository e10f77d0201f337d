import { EngineError, type ErrorCode } from '../../contract/errors.ts';

/** What an operating system or SQLite error means to a person; paths stay out of it. */
const MEANINGS: Readonly<Record<string, { code: ErrorCode; why: string; hint?: string }>> = {
  ENOSPC: {
    code: 'NO_SPACE',
    why: 'the disk is full',
    hint: 'Free some space; "varve prune" removes what nothing needs any more.',
  },
  EDQUOT: {
    code: 'NO_SPACE',
    why: 'the disk quota is used up',
    hint: 'Free some space; "varve prune" removes what nothing needs any more.',
  },
  EROFS: {
    code: 'PERMISSION',
    why: 'the file system is read-only',
    hint: 'Mount it writable, or put the store elsewhere with VARVE_ROOT.',
  },
  EACCES: {
    code: 'PERMISSION',
    why: 'access was refused',
    hint: 'Check who owns it and its permissions.',
  },
  EPERM: {
    code: 'PERMISSION',
    why: 'the operation is not permitted',
    hint: 'Check who owns it and its permissions.',
  },
  ENOENT: { code: 'NOT_FOUND', why: 'it does not exist' },
  ENOTDIR: { code: 'CONFLICT', why: 'a part of the path is not a folder' },
  EISDIR: { code: 'CONFLICT', why: 'it is a folder' },
  EEXIST: { code: 'CONFLICT', why: 'it exists already' },
  ENOTEMPTY: { code: 'CONFLICT', why: 'the folder is not empty' },
  EXDEV: { code: 'IO', why: 'it lies on another file system' },
  ENAMETOOLONG: { code: 'INVALID_INPUT', why: 'the name is too long' },
  ELOOP: { code: 'INVALID_INPUT', why: 'symbolic links lead in a circle' },
  EBUSY: { code: 'BUSY', why: 'it is in use' },
  ETXTBSY: { code: 'BUSY', why: 'it is being run' },
  EMFILE: { code: 'IO', why: 'too many files are open', hint: 'Raise the limit with "ulimit -n".' },
  ENFILE: { code: 'IO', why: 'too many files are open on this machine' },
  EIO: {
    code: 'IO',
    why: 'the disk reported an error',
    hint: 'Check the disk; "varve verify" tells what is damaged.',
  },
  EFBIG: { code: 'NO_SPACE', why: 'the file is larger than the file system allows' },
  SQLITE_FULL: {
    code: 'NO_SPACE',
    why: 'the disk is full',
    hint: 'Free some space; "varve prune" removes what nothing needs any more.',
  },
  SQLITE_BUSY: {
    code: 'BUSY',
    why: 'another process is changing the store',
    hint: 'Try again in a moment.',
  },
  SQLITE_LOCKED: { code: 'BUSY', why: 'another process is changing the store' },
  SQLITE_READONLY: { code: 'PERMISSION', why: 'the database cannot be written' },
  SQLITE_CANTOPEN: { code: 'PERMISSION', why: 'the database cannot be opened' },
  SQLITE_PERM: { code: 'PERMISSION', why: 'access was refused' },
  SQLITE_CORRUPT: { code: 'CORRUPT', why: 'the database is damaged' },
  SQLITE_NOTADB: { code: 'CORRUPT', why: 'the database is damaged' },
  SQLITE_IOERR: { code: 'IO', why: 'the disk reported an error' },
};

/**
 * The EngineError for a failed file or database operation: "could not <what>: <why>", without paths. An EngineError
 * is handed back as it is.
 */
export function mapFsError(error: unknown, what: string): EngineError {
  if (error instanceof EngineError) return error;
  const code = errorCode(error);
  const meaning = MEANINGS[code] ?? MEANINGS[/^SQLITE_[A-Z]+/.exec(code)?.[0] ?? ''];
  const {
    code: mapped,
    why,
    hint,
  } = meaning ?? { code: 'IO' as const, why: code || 'for an unknown reason' };
  return new EngineError(mapped, `could not ${what}: ${why}`, { hint, cause: error });
}

/** The system's code of an error (`ENOENT`), or '' for anything else. */
export function errorCode(error: unknown): string {
  const code: unknown = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}

/** Runs one operation and maps what it throws. */
export async function mappingFsErrors<T>(what: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw mapFsError(error, what);
  }
}
