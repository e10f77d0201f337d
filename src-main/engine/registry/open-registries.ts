import { EngineError } from '../../contract/errors.ts';
import { createAuthorizer, loginHost, NOBODY, type Authorizer } from './login/authorize.ts';
import type { Credential } from './credentials/credential.ts';
import type { Credentials } from './credentials/credentials.ts';
import type { TlsSettings } from './http/dispatchers.ts';
import { endpointAt, endpointsOf, registrySettings, type EndpointSettings } from './config/endpoints.ts';
import { openEndpoint } from './config/open-endpoint.ts';
import type { Environment } from './http/proxy-of.ts';
import { readRegistriesConfig, timeoutsOf, type RegistriesConfig } from './config/registries-config.ts';
import { registryError } from './remote/registry-error.ts';
import { createSession, type RegistrySession } from './session/session.ts';
import { readTlsSettings } from './http/tls-settings.ts';
import type { Transport } from './http/transport.ts';

/** All registries, as `registries.json` has them at the moment of asking. One for an engine. */
export interface Registries {
  /** Who to ask for a registry's images, in order: mirrors first. REGISTRY when it is blocked, INVALID_INPUT. */
  sessions(registry: string): Promise<readonly RegistrySession[]>;
  /** The registry itself, for what no mirror can do. */
  own(registry: string): Promise<RegistrySession>;
  /** A conversation as anyone with whoever is at an address. */
  anonymous(): Promise<(url: URL) => RegistrySession>;
  /** The host whose logins count for a registry: its own, or that of the address it is said to be at. */
  loginHost(registry: string): Promise<string>;
  /**
   * Shows a credential to the registry itself, and answers what to keep: where it gives a refresh token, that in place
   * of the password. UNAUTHORIZED when it is refused.
   */
  prove(
    registry: string,
    credential: Credential,
    options: { readonly signal?: AbortSignal | undefined },
  ): Promise<Credential>;
  /** Forgets the tokens of a login that has changed. */
  forgetLogin(host: string): void;
}

export interface RegistriesOptions {
  /** The data folder. */
  readonly root: string;
  readonly transport: Transport;
  /** Where the user's folders are. */
  readonly env: Environment;
  readonly credentials: Credentials;
}

export function openRegistries(options: RegistriesOptions): Registries {
  const { root, transport, env, credentials } = options;
  const tokens = {
    transport,
    settings: async () => (await readRegistriesConfig(root)).transfers,
    tlsOf: async (url: URL) => tlsOf(url, await readRegistriesConfig(root), env),
  };
  const authorizer = createAuthorizer({ ...tokens, find: credentials.find });
  const speaksHttps = new Map<string, boolean>();
  const open = (
    endpoint: EndpointSettings,
    config: RegistriesConfig,
    as: Authorizer = authorizer,
  ): RegistrySession =>
    createSession({
      endpoint,
      open: (signal) =>
        openEndpoint(endpoint, {
          transport,
          env,
          timeouts: timeoutsOf(config.transfers),
          signal,
          speaksHttps,
        }),
      transport,
      authorizer: as,
      settings: config.transfers,
      tlsOf: (url) => tlsOf(url, config, env),
    });
  const own = async (registry: string, as?: Authorizer): Promise<RegistrySession> => {
    const config = await readRegistriesConfig(root);
    const endpoint = endpointsOf(registry, config).find(({ isMirror }) => !isMirror);
    if (endpoint !== undefined) return open(endpoint, config, as);
    throw new EngineError('INTERNAL', `${registry} has no endpoint of its own`);
  };
  return {
    sessions: async (registry) => {
      const config = await readRegistriesConfig(root);
      return endpointsOf(registry, config).map((endpoint) => open(endpoint, config));
    },
    anonymous: async () => {
      const config = await readRegistriesConfig(root);
      return (url) => open(endpointAt(url, config), config, NOBODY);
    },
    own: (registry) => own(registry),
    loginHost: async (registry) => loginHost((await own(registry)).endpoint),
    prove: async (registry, credential, { signal }) => {
      let refreshToken: string | undefined;
      const trial = createAuthorizer({
        ...tokens,
        find: () => Promise.resolve({ credential, problems: [] }),
        onRefreshToken: (token) => (refreshToken = token),
      });
      const session = await own(registry, trial);
      const response = await session.send({ method: 'GET', path: '', scope: { actions: [] }, signal });
      if (response.status !== 200) throw await registryError(response, `log in to ${registry}`);
      await response.discard();
      authorizer.forget(loginHost(session.endpoint));
      const { username } = credential;
      return refreshToken === undefined
        ? credential
        : { kind: 'identity-token', username, secret: refreshToken };
    },
    forgetLogin: authorizer.forget,
  };
}

function tlsOf(url: URL, config: RegistriesConfig, env: Environment): Promise<TlsSettings | undefined> {
  return readTlsSettings(url.origin, registrySettings(url.host, config), env);
}
