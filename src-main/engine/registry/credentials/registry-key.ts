import { EngineError } from '../../../contract/errors.ts';

const DOCKER_HUB = 'docker.io';
const HUB_NAMES: readonly string[] = [DOCKER_HUB, 'index.docker.io', 'registry-1.docker.io'];

/** The key that docker gives its own registry in files and helpers. */
const HUB_ADDRESS = 'https://index.docker.io/v1/';

/**
 * A key of docker's or Podman's file as a registry, or a registry and the beginning of a repository. Docker writes
 * addresses (`https://host/v1/`), which stand for the whole host; Podman writes `host/namespace`.
 */
export function parseRegistryKey(key: string): string {
  const address = /^https?:\/\/([^/]+)/i.exec(key)?.[1];
  const name = address ?? key.replace(/\/v[12]\/?$/, '').replace(/\/+$/, '');
  const slash = name.indexOf('/');
  const host = slash < 0 ? name : name.slice(0, slash);
  return `${canonicalHost(host)}${slash < 0 ? '' : name.slice(slash)}`;
}

/** A registry as a person names it to log in: a host, or an address of docker's. INVALID_INPUT for anything else. */
export function parseRegistryName(text: string): string {
  const name = parseRegistryKey(text.trim());
  if (/^(?:[a-z\d](?:[a-z\d.-]*[a-z\d])?|\[[\da-f:]+\])(?::\d{1,5})?$/.test(name)) return name;
  throw new EngineError('INVALID_INPUT', `${JSON.stringify(text.slice(0, 300))} is not a registry`, {
    hint: 'Write a host, or host:port.',
  });
}

/** The registry of a host: docker.io has several. Host names are not case sensitive. */
export function canonicalHost(host: string): string {
  const name = host.toLowerCase();
  return HUB_NAMES.includes(name) ? DOCKER_HUB : name;
}

/** The keys that may hold a repository's credential, the most specific first: `h/a/b`, `h/a`, `h`. */
export function candidateKeys(registry: string, repository = ''): readonly string[] {
  const parts = [registry, ...repository.split('/').filter((part) => part !== '')];
  return parts.map((_, dropped) => parts.slice(0, parts.length - dropped).join('/'));
}

/** What a registry is called in a helper, in the order to ask. */
export function helperAddresses(registry: string): readonly [string, ...string[]] {
  return registry === DOCKER_HUB ? [HUB_ADDRESS, DOCKER_HUB] : [registry];
}
