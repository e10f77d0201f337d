import type { RegistriesConfig } from './registries-config.ts';

/** A server that answers for a registry. */
export interface Endpoint {
  /** Scheme, host and port, without a path: `https://registry-1.docker.io`. */
  readonly origin: string;
  /** The registry whose names it serves. */
  readonly registry: string;
  readonly isMirror: boolean;
}

/**
 * The servers to ask for a registry's images, in order: its mirrors, then itself. A loopback registry and one
 * listed as insecure may be plain http; everything else is https.
 */
export function endpointsOf(registry: string, config: RegistriesConfig): readonly Endpoint[] {
  const settings = config.registries[registry];
  const mirrors = (settings?.mirrors ?? []).map((mirror) => ({
    origin: new URL(mirror).origin,
    registry,
    isMirror: true,
  }));
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
  const scheme = settings?.insecure === true || isLoopback(registry) ? 'http' : 'https';
  return [...mirrors, { origin: `${scheme}://${host}`, registry, isMirror: false }];
}

/** True for localhost, 127.0.0.0/8 and ::1, with or without a port. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    /^127(?:\.\d{1,3}){3}$/.test(name) ||
    name === '[::1]'
  );
}
