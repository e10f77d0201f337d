import { mkdir, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { EngineError } from '../../../contract/errors.ts';
import { authFileSchema, parseAuthFile, type AuthEntry, type AuthFile } from './auth-file.ts';
import { parseRegistryKey } from './registry-key.ts';

/**
 * Varve's own logins: `auth.json` in the data folder, of docker's form, so that other tools can be pointed at it.
 * Readable by its owner only.
 */
export interface OwnLogins {
  readonly path: string;
  /** INVALID_INPUT when the file is broken. */
  read(): Promise<AuthFile>;
  /** Puts an entry in the place of the one that was there, durably. Safe with other processes. */
  put(registry: string, entry: AuthEntry): Promise<void>;
  /** Answers the entry that was there. */
  remove(registry: string): Promise<AuthEntry | undefined>;
}

/** Keys that are not ours stay. */
const documentSchema = z.looseObject({ auths: authFileSchema.shape.auths });

const PRIVATE = 0o600;
const LOCKED_AT_MOST_MS = 10_000;
const LOOK_AGAIN_MS = 20;

export function openOwnLogins(root: string): OwnLogins {
  const path = join(root, 'auth.json');
  return {
    path,
    read: async () => parseAuthFile(await readText(path), path),
    put: (registry, entry) => change(root, path, (auths) => ({ ...auths, [registry]: entry })),
    remove: async (registry) => {
      const entry = parseAuthFile(await readText(path), path).auths.get(registry);
      const isOther = ([key]: [string, AuthEntry]) => parseRegistryKey(key) !== registry;
      if (entry !== undefined) {
        await change(root, path, (auths) => Object.fromEntries(Object.entries(auths).filter(isOther)));
      }
      return entry;
    },
  };
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '{}';
    throw new EngineError('PERMISSION', `cannot read the credentials in ${path}`, { cause });
  });
}

type Auths = Readonly<Record<string, AuthEntry>>;

/** Replaces the file as a whole. The new file, which only one process can make, is also the lock. */
async function change(root: string, path: string, mutate: (auths: Auths) => Auths): Promise<void> {
  await mkdir(root, { recursive: true });
  const aside = `${path}.lock`;
  const file = await openLock(aside);
  try {
    const text = await readText(path);
    parseAuthFile(text, path);
    const document = documentSchema.parse(JSON.parse(text.trim() || '{}'));
    const changed = { ...document, auths: mutate(document.auths) };
    await file.writeFile(`${JSON.stringify(changed, null, '\t')}\n`);
    await file.sync();
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** Another process holds the lock for as long as it writes a small file: one that stays was left by a crash. */
async function openLock(path: string): Promise<FileHandle> {
  for (;;) {
    const file = await open(path, 'wx', PRIVATE).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EEXIST') return undefined;
      throw new EngineError('PERMISSION', `cannot write credentials at ${path}`, { cause });
    });
    if (file !== undefined) return file;
    const lock = await stat(path).catch(() => undefined);
    const isLeft = lock !== undefined && Date.now() - lock.mtimeMs > LOCKED_AT_MOST_MS;
    if (isLeft) await rm(path, { force: true });
    else await pause(LOOK_AGAIN_MS);
  }
}
