import type { EngineApi } from '../../contract/engine-api.ts';
import { EngineError } from '../../contract/errors.ts';
import type { RegistryRow } from '../../contract/registries-api.ts';
import { listRemoteLayer } from '../image/remote/list-remote-layer.ts';
import type { RemoteBlob } from '../image/remote/remote-blob.ts';
import { parseReference } from '../oci/reference.ts';
import { checkRegistry } from '../registry/check-registry.ts';
import { openRemoteBlob } from '../registry/open-remote-blob.ts';
import { parseRegistryName } from '../registry/credentials/registry-key.ts';
import { removeRegistry, setRegistry } from '../registry/edit-registries.ts';
import { logIn, logOut, proveLogin, type LoginParts } from '../registry/login.ts';
import { readRegistriesConfig } from '../registry/registries-config.ts';
import { settingsOf } from '../registry/registry-settings.ts';
import type { Store } from '../store/store.ts';
import { createRemoteCalls } from './remote-calls.ts';

const MAX_LISTED_BYTES = 1_000_000_000;
const DEFAULT_ROWS = 1000;

/** The `registries` area on a store. */
export function createRegistriesCalls(store: Store, logins: LoginParts): EngineApi['registries'] {
  return {
    ...createRemoteCalls(store, logins.registries),
    list: () => listRegistries(store),
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

async function listRegistries(store: Store): Promise<RegistryRow[]> {
  const config = await readRegistriesConfig(store.root);
  const origins = new Map<string, RegistryRow['origin']>([[DEFAULT_REGISTRY, 'default']]);
  for (const { name } of store.tags.list()) origins.set(parseReference(name).registry, 'images');
  for (const registry of Object.keys(config.registries)) origins.set(registry, 'file');
  if (origins.get(DEFAULT_REGISTRY) === 'images') origins.set(DEFAULT_REGISTRY, 'default');
  const others = [...origins.keys()].filter((registry) => registry !== DEFAULT_REGISTRY).sort();
  return [DEFAULT_REGISTRY, ...others].map((registry) => ({
    registry,
    origin: origins.get(registry) ?? 'default',
    ...settingsOf(config.registries[registry]),
  }));
}
