import { EngineError } from '../../contract/errors.ts';
import { createAuthorizer, NOBODY, type Authorizer } from './authorize.ts';
import { endpointAt, endpointsOf, registrySettings, type EndpointSettings } from './endpoints.ts';
import { openEndpoint } from './open-endpoint.ts';
import type { Environment } from './proxy-of.ts';
import { readRegistriesConfig, timeoutsOf, type RegistriesConfig } from './registries-config.ts';
import { createSession, type RegistrySession } from './session.ts';
import { readTlsSettings } from './tls-settings.ts';
import type { Transport } from './transport.ts';

/** All registries, as `registries.json` has them at the moment of asking. One for an engine. */
export interface Registries {
  /** Who to ask for a registry's images, in order: mirrors first. REGISTRY when it is blocked, INVALID_INPUT. */
  sessions(registry: string): Promise<readonly RegistrySession[]>;
  /** The registry itself, for what no mirror can do. */
  own(registry: string): Promise<RegistrySession>;
  /** A conversation as anyone with whoever is at an address. */
  anonymous(): Promise<(url: URL) => RegistrySession>;
}

export interface RegistriesOptions {
  /** The data folder. */
  readonly root: string;
  readonly transport: Transport;
  /** Where the user's folders are. */
  readonly env: Environment;
}

export function openRegistries(options: RegistriesOptions): Registries {
  const { root, transport, env } = options;
  const authorizer = createAuthorizer(transport, async () =>
    timeoutsOf((await readRegistriesConfig(root)).transfers),
  );
  const speaksHttps = new Map<string, boolean>();
  const open = (
    endpoint: EndpointSettings,
    config: RegistriesConfig,
    authorizer: Authorizer,
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
      authorizer,
      settings: config.transfers,
      tlsOf: (url) => readTlsSettings(url.origin, registrySettings(url.host, config), env),
    });
  const sessions = async (registry: string): Promise<readonly RegistrySession[]> => {
    const config = await readRegistriesConfig(root);
    return endpointsOf(registry, config).map((endpoint) => open(endpoint, config, authorizer));
  };
  return {
    sessions,
    own: async (registry) => {
      const own = (await sessions(registry)).find(({ endpoint }) => !endpoint.isMirror);
      if (own === undefined) throw new EngineError('INTERNAL', `${registry} has no endpoint of its own`);
      return own;
    },
    anonymous: async () => {
      const config = await readRegistriesConfig(root);
      return (url) => open(endpointAt(url, config), config, NOBODY);
    },
  };
}
