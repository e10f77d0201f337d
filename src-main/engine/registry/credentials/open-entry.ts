import { EngineError } from '../../../contract/errors.ts';
import { authEntryOf, credentialOf, parseAuthFile, type AuthEntry } from './auth-file.ts';
import type { LoginPlace } from '../../../contract/registries-api.ts';
import type { Credential } from './credential.ts';
import type { Keychain } from './keychain.ts';

/** An entry of Varve's own file with the credential sealed in it. */
export async function sealEntry(credential: Credential, keychain: Keychain): Promise<AuthEntry> {
  const sealed = await keychain.seal(JSON.stringify(authEntryOf(credential)));
  return { username: credential.username, sealed };
}

/** The credential in an entry, unsealed where need be. UNAUTHORIZED where this process cannot unseal. */
export async function openEntry(
  entry: AuthEntry,
  where: { readonly path: string; readonly key: string },
  keychain: Keychain | undefined,
): Promise<Credential | undefined> {
  const { path, key } = where;
  if (entry.sealed === undefined) return credentialOf(entry, path, key);
  if (keychain === undefined) {
    throw new EngineError(
      'UNAUTHORIZED',
      `the login for ${key} was sealed in Varve’s window, and only it can open it`,
      {
        hint: `Log in for the command line too: varve login ${key}`,
      },
    );
  }
  const { auths } = parseAuthFile(`{"auths":{"opened":${await keychain.unseal(entry.sealed)}}}`, path);
  return credentialOf(auths.get('opened') ?? {}, path, key);
}

/** Where the credential of an entry lies. */
export function placeOf(entry: AuthEntry, path: string): LoginPlace {
  return { kind: entry.sealed === undefined ? 'file' : 'keychain', place: path };
}
