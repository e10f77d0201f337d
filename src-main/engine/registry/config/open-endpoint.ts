import { endpointUrl, type Endpoint, type EndpointSettings } from './endpoints.ts';
import { failureOf } from '../http/network-failure.ts';
import type { Environment } from '../http/proxy-of.ts';
import { readTlsSettings } from '../http/tls-settings.ts';
import type { Timeouts, Transport } from '../http/transport.ts';

export interface OpenEndpointOptions {
  readonly transport: Transport;
  readonly env: Environment;
  readonly timeouts: Timeouts;
  readonly signal?: AbortSignal | undefined;
  /** Origins of https that are known to speak it, or not to. */
  readonly speaksHttps: Map<string, boolean>;
}

/** Reads an endpoint's certificates and, where plain http is allowed, finds out by asking whether it is https. */
export async function openEndpoint(
  settings: EndpointSettings,
  options: OpenEndpointOptions,
): Promise<Endpoint> {
  const { registry, origin, pathPrefix, repositoryPrefix, isMirror } = settings;
  const tls = await readTlsSettings(origin, settings.server, options.env);
  const endpoint = { registry, origin, pathPrefix, repositoryPrefix, isMirror, tls };
  if (!settings.mayBePlain || (await speaksHttps(endpoint, options))) return endpoint;
  return { ...endpoint, origin: origin.replace(/^https:/, 'http:'), tls: undefined };
}

async function speaksHttps(endpoint: Endpoint, options: OpenEndpointOptions): Promise<boolean> {
  const { transport, timeouts, signal } = options;
  const known = options.speaksHttps.get(endpoint.origin);
  if (known !== undefined) return known;
  const url = endpointUrl(endpoint, '');
  // Nothing is trusted for this answer, and no authorities need be read for it.
  const tls = { ...endpoint.tls, anyCertificate: true };
  let found = true;
  try {
    const response = await transport.request({ method: 'GET', url, tls, timeouts, signal });
    await response.discard();
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    // A server may as well close the connection on what it does not understand; http has a port of its own.
    if (failure.kind === 'passing' || (failure.kind === 'down' && url.port === '')) return false;
    if (failure.kind !== 'plain-http') return true;
    found = false;
  }
  options.speaksHttps.set(endpoint.origin, found);
  return found;
}
