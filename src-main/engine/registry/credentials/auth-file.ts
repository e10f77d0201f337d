import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { EngineError } from '../../../contract/errors.ts';
import type { Credential } from './credential.ts';
import { placeOfMistake } from './json-mistake.ts';
import { parseRegistryKey } from './registry-key.ts';

/** One registry's entry in docker's `config.json`, Podman's `auth.json` or Varve's own file. */
const authEntrySchema = z.object({
  /** `username:password` in base64. */
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
  registrytoken: z.string().optional(),
  /** Varve's own: the credential as the system's keychain sealed it, in base64. */
  sealed: z.string().optional(),
});
export type AuthEntry = Readonly<z.output<typeof authEntrySchema>>;

export const authFileSchema = z.object({
  auths: z.record(z.string(), authEntrySchema).default({}),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).default({}),
});

/** What a file of credentials says, with registries in place of the file's keys. */
export interface AuthFile {
  readonly path: string;
  readonly auths: ReadonlyMap<string, AuthEntry>;
  readonly credsStore: string | undefined;
  readonly credHelpers: ReadonlyMap<string, string>;
}

/** Reads a file of credentials; undefined when it is not there. INVALID_INPUT names the file and the place. */
export async function readAuthFile(path: string): Promise<AuthFile | undefined> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw new EngineError('PERMISSION', `cannot read the credentials in ${path}`, { cause });
  });
  return text === undefined ? undefined : parseAuthFile(text, path);
}

/** Parses what a file of credentials holds; `path` names it in errors. An empty file says nothing, as with docker. */
export function parseAuthFile(text: string, path: string): AuthFile {
  const { auths, credsStore, credHelpers } = parseAuthText(text, path);
  return {
    path,
    auths: byRegistry(auths),
    credsStore: credsStore === '' ? undefined : credsStore,
    credHelpers: byRegistry(credHelpers),
  };
}

function parseAuthText(text: string, path: string): z.output<typeof authFileSchema> {
  const parsed = authFileSchema.safeParse(parseJson(text.trim() === '' ? '{}' : text, path));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = issue?.path.map(String).join('.') || 'the whole';
  throw brokenFile(path, `${place}: ${issue?.message ?? 'of the wrong form'}`);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the cause: its message quotes the file.
    throw new EngineError('INVALID_INPUT', `${path}:${placeOfMistake(text)}: this is not JSON`, {
      hint: MEND_HINT,
    });
  }
}

const MEND_HINT = 'Mend the file: until then no login in it is used.';

function brokenFile(path: string, what: string): EngineError {
  return new EngineError('INVALID_INPUT', `${path}: ${what}`, { hint: MEND_HINT });
}

function byRegistry<T>(entries: Readonly<Record<string, T>>): ReadonlyMap<string, T> {
  return new Map(Object.entries(entries).map(([key, entry]) => [parseRegistryKey(key), entry]));
}

/** The credential that an entry holds in the clear; undefined when it only says that a helper has one. */
export function credentialOf(entry: AuthEntry, path: string, key: string): Credential | undefined {
  const { username, password } = entry.auth ? decodeAuth(entry.auth, path, key) : entry;
  if (entry.identitytoken) {
    return { kind: 'identity-token', username: username ?? '', secret: entry.identitytoken };
  }
  if (entry.registrytoken) {
    return { kind: 'registry-token', username: username ?? '', secret: entry.registrytoken };
  }
  if (!username || !password) return undefined;
  return { kind: 'password', username, secret: password };
}

function decodeAuth(auth: string, path: string, key: string): { username: string; password: string } {
  const decoded = Buffer.from(auth, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 1) throw brokenFile(path, `auths.${key}.auth: this is not name:password in base64`);
  // Docker takes the zero bytes that some programs pad with away.
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replaceAll('\0', '') };
}

/** The entry that holds a credential in the clear, as docker writes it. */
export function authEntryOf({ kind, username, secret }: Credential): AuthEntry {
  const encode = (password: string) => Buffer.from(`${username}:${password}`).toString('base64');
  switch (kind) {
    case 'password':
      return { auth: encode(secret) };
    case 'identity-token':
      return { auth: encode(''), identitytoken: secret };
    case 'registry-token':
      return { registrytoken: secret };
  }
}
