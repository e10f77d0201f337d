import type { EngineApi } from '../../contract/engine-api.ts';
import { EngineError } from '../../contract/errors.ts';
import type { RegistryRow } from '../../contract/registries-api.ts';
import { listRemoteLayer } from '../image/remote/list-remote-layer.ts';
import type { RemoteBlob } from '../image/remote/remote-blob.ts';
import { parseReference } from '../oci/reference.ts';
import { checkRegistry } from '../registry/remote/check-registry.ts';
import { openRemoteBlob } from '../registry/remote/open-remote-blob.ts';
import type { Credentials } from '../registry/credentials/credentials.ts';
import type { KnownLogin } from '../registry/credentials/credential.ts';
import { parseRegistryName } from '../registry/credentials/registry-key.ts';
import { removeRegistry, setRegistry } from '../registry/config/edit-registries.ts';
import { logIn, logOut, proveLogin, type LoginParts } from '../registry/login/login.ts';
import { readRegistriesConfig } from '../registry/config/registries-config.ts';
import { settingsOf } from '../registry/config/registry-settings.ts';
import type { Store } from '../store/store.ts';
import { createRemoteCalls } from './remote-calls.ts';

const MAX_LISTED_BYTES = 1_000_000_000;
const DEFAULT_ROWS = 1000;

/** The `registries` area on a store. */
export function createRegistriesCalls(store: Store, logins: LoginParts): EngineApi['registries'] {
  return {
    ...createRemoteCalls(store, logins.registries),
    list: () => listRegistries(store, logins.credentials),
    set: async ({ registry, settings }) => {
      await setRegistry(store.root, registry, settings);
      return {};
    },
    remove: async ({ registry }) => ({ removed: await removeRegistry(store.root, registry) }),
    check: ({ registry }, options = {}) => checkRegistry(logins.registries, registry, options),
    layerFiles: (params, options = {}) => {
      const {
        ref,
        layer,
        path = '/',
        offset = 0,
        limit = DEFAULT_ROWS,
        maxBytes = MAX_LISTED_BYTES,
      } = params;
      const open = (): RemoteBlob => openRemoteBlob(logins.registries, parseReference(ref), layer);
      return listRemoteLayer(store, layer, { path, offset, limit }, open, { ...options, maxBytes });
    },
    login: ({ registry, username, password }, options = {}) => {
      const name = parseRegistryName(registry);
      if (username === undefined && password === undefined) return proveLogin(logins, name, options);
      if (username !== undefined && password !== undefined) {
        return logIn(logins, name, { kind: 'password', username, secret: password }, options);
      }
      throw new EngineError('INVALID_INPUT', 'a login has a user name and a password');
    },
    logout: ({ registry }, options = {}) => logOut(logins, parseRegistryName(registry), options),
  };
}

const DEFAULT_REGISTRY = 'docker.io';

async function listRegistries(store: Store, credentials: Credentials): Promise<RegistryRow[]> {
  const config = await readRegistriesConfig(store.root);
  const logins = await loginsByRegistry(credentials);
  const origins = new Map<string, RegistryRow['origin']>();
  for (const { name } of store.tags.list()) origins.set(parseReference(name).registry, 'images');
  for (const registry of logins.keys()) origins.set(registry, 'login');
  for (const registry of Object.keys(config.registries)) origins.set(registry, 'file');
  const others = [...origins.keys()].filter((registry) => registry !== DEFAULT_REGISTRY).sort();
  return [DEFAULT_REGISTRY, ...others].map((registry) => {
    const login = logins.get(registry);
    const origin = registry === DEFAULT_REGISTRY && origins.get(registry) !== 'file' ? 'default' : undefined;
    return {
      registry,
      origin: origin ?? origins.get(registry) ?? 'default',
      ...settingsOf(config.registries[registry]),
      ...(login === undefined ? {} : { login: { username: login.username, kept: login.from } }),
    };
  });
}

/** The login that counts for a registry, or else for a part of it: the first that is found. */
async function loginsByRegistry(credentials: Credentials): Promise<ReadonlyMap<string, KnownLogin>> {
  const logins = new Map<string, KnownLogin>();
  for (const login of await credentials.list()) {
    const registry = login.registry.split('/')[0] ?? '';
    if (!logins.has(registry)) logins.set(registry, login);
  }
  return logins;
}
