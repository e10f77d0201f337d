import { EngineError } from '../../../contract/errors.ts';
import { isLoopback } from '../http/is-loopback.ts';
import type { RegistriesConfig, RegistrySettings } from './registries-config.ts';
import type { TlsSettings } from '../http/dispatchers.ts';

/** A server that answers for a registry. */
export interface Endpoint {
  /** The registry whose names it serves. */
  readonly registry: string;
  /** Scheme, host and port, without a path. */
  readonly origin: string;
  /** The path before `/v2`: `` or `/registry`. */
  readonly pathPrefix: string;
  /** What stands before each repository's name: `` or `docker-hub/`. */
  readonly repositoryPrefix: string;
  readonly isMirror: boolean;
  readonly tls: TlsSettings | undefined;
}

/** How one server is to be trusted; the files are not read yet. */
export type ServerSettings = Pick<RegistrySettings, 'insecure' | 'ca' | 'clientCertificate' | 'clientKey'>;

/** An endpoint as settings name it. */
export interface EndpointSettings extends Omit<Endpoint, 'tls'> {
  readonly server: ServerSettings;
  /** Whether the scheme is to be found by asking: https, else http. */
  readonly mayBePlain: boolean;
}

const DOCKER_HUB = 'https://registry-1.docker.io';

/**
 * The servers to ask for a registry's images, in order: its mirrors, then itself. A loopback registry and one listed
 * as insecure may be plain http; everything else is https unless an address says http. REGISTRY when it is blocked.
 */
export function endpointsOf(registry: string, config: RegistriesConfig): readonly EndpointSettings[] {
  const settings = registrySettings(registry, config);
  if (settings.blocked === true) {
    throw new EngineError('REGISTRY', `${registry} is blocked in registries.json`, {
      hint: 'Take "blocked" away from it there, or use another registry.',
    });
  }
  const mirrors = (settings.mirrors ?? []).map((mirror) => {
    const { url, ...own } = typeof mirror === 'string' ? { url: mirror } : mirror;
    const server = { ...registrySettings(new URL(url).host, config), ...own };
    return createEndpoint(registry, url, true, server);
  });
  return [...mirrors, createEndpoint(registry, settings.endpoint, false, settings)];
}

/** What is said of a registry, or of any server by its host and port. */
export function registrySettings(registry: string, { registries }: RegistriesConfig): RegistrySettings {
  const find = (name: string): RegistrySettings | undefined =>
    Object.hasOwn(registries, name) ? registries[name] : undefined;
  return find(registry) ?? (registry === 'docker.io' ? find('index.docker.io') : undefined) ?? {};
}

function createEndpoint(
  registry: string,
  address: string | undefined,
  isMirror: boolean,
  server: ServerSettings,
): EndpointSettings {
  const url = new URL(address ?? (registry === 'docker.io' ? DOCKER_HUB : `https://${registry}`));
  const [pathPrefix = '', repositoryPrefix = ''] = url.pathname.replace(/\/+$/, '').split(/\/v2(?:\/|$)/);
  const mayBePlain =
    url.protocol === 'https:' && address === undefined && (server.insecure === true || isLoopback(url.host));
  return {
    registry,
    origin: url.origin,
    pathPrefix,
    repositoryPrefix: repositoryPrefix === '' ? '' : `${repositoryPrefix}/`,
    isMirror,
    mayBePlain,
    server,
  };
}

/** Whoever is at an address, of no registry. */
export function endpointAt(url: URL, config: RegistriesConfig): EndpointSettings {
  return createEndpoint(url.host, url.origin, false, registrySettings(url.host, config));
}

/** The address of what is at `path` below `/v2/`: `library/python/tags/list`, or '' for the check of the version. */
export function endpointUrl(endpoint: Omit<Endpoint, 'tls'>, path: string): URL {
  const isRepository = path !== '' && !path.startsWith('_');
  const prefix = isRepository ? endpoint.repositoryPrefix : '';
  return new URL(`${endpoint.origin}${endpoint.pathPrefix}/v2/${prefix}${path}`);
}

/** How an endpoint is named in messages: `docker.io`, or `mirror.example (a mirror of docker.io)`. */
export function endpointName(endpoint: Omit<Endpoint, 'tls'>): string {
  const host = new URL(endpoint.origin).host;
  return endpoint.isMirror ? `${host} (a mirror of ${endpoint.registry})` : endpoint.registry;
}
