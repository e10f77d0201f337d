import { isEngineError, type EngineError } from '../../../contract/errors.ts';
import type { Log } from '../../log.ts';
import { authEntryOf, credentialOf, parseAuthFile, readAuthFile, type AuthFile } from './auth-file.ts';
import { dockerConfigPath, podmanAuthPaths, type CredentialSurroundings } from './auth-file-places.ts';
import type { LoginPlace } from '../../../contract/registries-api.ts';
import type { Credential, FoundCredential, KnownLogin } from './credential.ts';
import { openCredentialHelper, type CredentialHelper } from './credential-helper.ts';
import type { Keychain } from './keychain.ts';
import { openEntry, placeOf, sealEntry } from './open-entry.ts';
import { openOwnLogins, type OwnLogins } from './own-logins.ts';
import { candidateKeys } from './registry-key.ts';

export interface CredentialsOptions {
  readonly root: string;
  readonly surroundings: CredentialSurroundings;
  readonly log: Log;
  /** The window's. */
  readonly keychain?: Keychain | undefined;
  readonly helperTimeLimitMs?: number | undefined;
}

interface Cancellable {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Every login that this user has. Looked for in this order, each time anew: Varve's own (`auth.json` in the data
 * folder, with what the window sealed); docker's (`$DOCKER_AUTH_CONFIG`, then `config.json` with its helpers);
 * Podman's `auth.json`. Within a file the key that names more of the repository wins.
 */
export interface Credentials {
  /** `registry` is a host with its port, or docker.io. What cannot be read is passed over, and told. */
  find(registry: string, repository?: string, options?: Cancellable): Promise<FoundCredential>;
  /**
   * Keeps a credential: in the helper that docker's or Podman's file names for the registry, else sealed by the
   * keychain, else as it is in Varve's own file. An older one of Varve's own goes.
   */
  store(registry: string, credential: Credential, options?: Cancellable): Promise<LoginPlace>;
  /** Removes what `store` keeps, and answers where it was. Idempotent. */
  erase(registry: string, options?: Cancellable): Promise<readonly LoginPlace[]>;
  /** Without opening what is sealed; a registry may be there several times, in the order of `find`. */
  list(): Promise<readonly KnownLogin[]>;
  /** Why the window does not seal here; undefined when it does, or there is no window. */
  weakness(): Promise<string | undefined>;
}

export function openCredentials(options: CredentialsOptions): Credentials {
  const { keychain, log } = options;
  const own = openOwnLogins(options.root);
  const problem = (error: unknown, problems: EngineError[]): void => {
    if (!isEngineError(error) || error.code === 'CANCELLED') throw error;
    log.warn({ problem: error.message }, 'credentials could not be read');
    problems.push(error);
  };
  return {
    find: async (registry, repository = '', cancellable = {}) => {
      const problems: EngineError[] = [];
      for (const readFile of authFiles(own, options)) {
        try {
          const file = await readFile();
          const credential = file && (await findIn(file, registry, repository, options, cancellable));
          if (credential !== undefined) return { credential, problems };
        } catch (error) {
          problem(error, problems);
        }
      }
      return { problems };
    },
    store: async (registry, credential, cancellable = {}) => {
      const helper = await helperFor(registry, options, cancellable);
      if (helper !== undefined) {
        await helper.store(registry, credential);
        await own.remove(registry);
        return { kind: 'helper', place: helper.program };
      }
      const isSealed = keychain !== undefined && (await keychain.weakness()) === undefined;
      const entry = isSealed ? await sealEntry(credential, keychain) : authEntryOf(credential);
      await own.put(registry, entry);
      return placeOf(entry, own.path);
    },
    erase: async (registry, cancellable = {}) => {
      const entry = await own.remove(registry);
      const helper = await helperFor(registry, options, cancellable);
      const inHelper = helper !== undefined && (await helper.erase(registry));
      return [
        ...(entry === undefined ? [] : [placeOf(entry, own.path)]),
        ...(inHelper ? [{ kind: 'helper' as const, place: helper.program }] : []),
      ];
    },
    list: async () => {
      const logins: KnownLogin[] = [];
      for (const readFile of authFiles(own, options)) {
        try {
          const file = await readFile();
          logins.push(...(file === undefined ? [] : loginsIn(file)));
          for (const login of file === undefined ? [] : await loginsOfHelpers(file, options))
            logins.push(login);
        } catch (error) {
          problem(error, []);
        }
      }
      return logins;
    },
    weakness: async () => keychain?.weakness(),
  };
}

/** The files in the order of the search; one that is not there is undefined. */
function authFiles(
  own: OwnLogins,
  { surroundings }: CredentialsOptions,
): readonly (() => Promise<AuthFile | undefined>)[] {
  const inEnvironment = surroundings.env['DOCKER_AUTH_CONFIG'];
  const paths = [dockerConfigPath(surroundings), ...podmanAuthPaths(surroundings)];
  return [
    () => own.read(),
    async () => (inEnvironment ? parseAuthFile(inEnvironment, '$DOCKER_AUTH_CONFIG') : undefined),
    ...paths.map((path) => () => readAuthFile(path)),
  ];
}

async function findIn(
  file: AuthFile,
  registry: string,
  repository: string,
  options: CredentialsOptions,
  cancellable: Cancellable,
): Promise<FoundCredential['credential']> {
  for (const key of candidateKeys(registry, repository)) {
    const helper = key === registry ? helperIn(file, registry, options, cancellable) : undefined;
    const kept = await helper?.get(registry);
    if (helper !== undefined && kept !== undefined) {
      return { ...kept, from: { kind: 'helper', place: helper.program } };
    }
    const entry = file.auths.get(key);
    if (entry === undefined) continue;
    const credential = await openEntry(entry, { path: file.path, key }, options.keychain);
    if (credential !== undefined) return { ...credential, from: placeOf(entry, file.path) };
  }
  return undefined;
}

/** The helper that docker's or Podman's file names for a registry. A broken file is an error: it may name one. */
async function helperFor(
  registry: string,
  options: CredentialsOptions,
  cancellable: Cancellable,
): Promise<CredentialHelper | undefined> {
  const { surroundings } = options;
  for (const path of [dockerConfigPath(surroundings), ...podmanAuthPaths(surroundings)]) {
    const file = await readAuthFile(path);
    const helper = file && helperIn(file, registry, options, cancellable);
    if (helper !== undefined) return helper;
  }
  return undefined;
}

function helperIn(
  { credHelpers, credsStore }: AuthFile,
  registry: string,
  options: CredentialsOptions,
  cancellable: Cancellable,
): CredentialHelper | undefined {
  const name = credHelpers.get(registry) ?? credsStore;
  return name === undefined ? undefined : openHelper(name, options, cancellable);
}

function openHelper(
  name: string,
  { surroundings, helperTimeLimitMs }: CredentialsOptions,
  { signal }: Cancellable,
): CredentialHelper {
  return openCredentialHelper({ name, env: surroundings.env, timeLimitMs: helperTimeLimitMs, signal });
}

function loginsIn({ auths, path }: AuthFile): readonly KnownLogin[] {
  return [...auths].flatMap(([registry, entry]) => {
    const login = entry.sealed === undefined ? credentialOf(entry, path, registry) : entry;
    return login === undefined
      ? []
      : [{ registry, username: login.username ?? '', from: placeOf(entry, path) }];
  });
}

/** What helpers list, each for the registries that the file leaves to it. */
async function loginsOfHelpers(
  { credHelpers, credsStore }: AuthFile,
  options: CredentialsOptions,
): Promise<readonly KnownLogin[]> {
  const names = new Set([...credHelpers.values(), ...(credsStore === undefined ? [] : [credsStore])]);
  const lists = [...names].map(async (name): Promise<readonly KnownLogin[]> => {
    const helper = openHelper(name, options, {});
    const isItsOwn = (registry: string) => (credHelpers.get(registry) ?? credsStore) === name;
    const kept = (await helper.list()).filter(({ registry }) => isItsOwn(registry));
    return kept.map((login) => ({ ...login, from: { kind: 'helper', place: helper.program } }));
  });
  return (await Promise.all(lists)).flat();
}
