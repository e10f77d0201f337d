import { isLoopback } from './is-loopback.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for an address, as HTTP_PROXY, HTTPS_PROXY and NO_PROXY (or their lower-case forms, which win as with curl)
 * name it; undefined to go straight there. Loopback is never behind a proxy. A proxy without a scheme is http.
 */
export function proxyOf(url: URL, env: Environment): URL | undefined {
  const text = variable(env, url.protocol === 'https:' ? 'https_proxy' : 'http_proxy');
  if (text === undefined || isLoopback(url.host) || isExempt(url, variable(env, 'no_proxy') ?? ''))
    return undefined;
  const written = /^[a-z0-9+.-]+:\/\//i.test(text) ? text : `http://${text}`;
  return URL.canParse(written) ? new URL(written) : undefined;
}

function variable(env: Environment, name: string): string | undefined {
  const value = (env[name] ?? env[name.toUpperCase()])?.trim();
  return value === '' ? undefined : value;
}

/** Entries are `*`, hosts (their subdomains are meant too), `.domain`, addresses and ranges, each with an optional port. */
function isExempt(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return noProxy
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => matches(entry.toLowerCase(), host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const [, name = entry, entryPort] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [];
  if (entryPort !== undefined && entryPort !== port) return false;
  if (name.includes('/')) return isInRange(host, name);
  const domain = name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
  return host === domain || host.endsWith(`.${domain}`);
}

/** IPv4 in `a.b.c.d/n`. */
function isInRange(host: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  const [address, base] = [toNumber(host), toNumber(network)];
  if (address === undefined || base === undefined || !/^\d+$/.test(bits) || Number(bits) > 32) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(address / size) === Math.floor(base / size);
}

function toNumber(address: string): number | undefined {
  const parts = address.split('.');
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part))) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}
