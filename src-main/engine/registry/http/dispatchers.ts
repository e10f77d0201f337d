import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { buildConnector, Dispatcher } from 'undici';
import { EngineError } from '../../../contract/errors.ts';
import { proxyOf, type Environment } from './proxy-of.ts';

/** How a server is to be trusted, and how we show who we are. PEM texts. */
export interface TlsSettings {
  /** Authorities besides the system's. */
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  /** Takes any certificate: for a registry that is listed as insecure. */
  readonly anyCertificate?: boolean | undefined;
}

/** undici's connection pools: one for each way of connecting, made when it is first needed. */
export interface Dispatchers {
  for(url: URL, tls: TlsSettings | undefined, connectMs: number): Promise<Dispatcher>;
  close(): Promise<void>;
}

export function createDispatchers(env: Environment): Dispatchers {
  const known = new Map<string, Promise<Dispatcher>>();
  return {
    for: (url, tls, connectMs) => {
      const proxy = proxyOf(url, env);
      const settings = url.protocol === 'https:' ? (tls ?? {}) : undefined;
      const key = JSON.stringify([proxy?.href, settings, connectMs]);
      const dispatcher = known.get(key) ?? createDispatcher(proxy, settings, connectMs);
      known.set(key, dispatcher);
      return dispatcher;
    },
    close: async () => {
      const all = [...known.values()];
      known.clear();
      for (const dispatcher of all) await (await dispatcher).destroy();
    },
  };
}

/** Loads undici when the network is first needed: most commands never do. */
async function createDispatcher(
  proxy: URL | undefined,
  tls: TlsSettings | undefined,
  connectMs: number,
): Promise<Dispatcher> {
  const { Agent, buildConnector, ProxyAgent } = await import('undici');
  const connect = tls === undefined ? {} : connectOptions(tls);
  // Several connections move large bodies faster than the streams of one.
  if (proxy === undefined) {
    const connector = buildConnector({ ...connect, allowH2: false, timeout: connectMs });
    return new Agent({ allowH2: false, connect: rememberingAlerts(connector) });
  }
  if (!['http:', 'https:', 'socks5:', 'socks:'].includes(proxy.protocol)) {
    throw new EngineError('UNSUPPORTED', `a proxy of the kind ${proxy.protocol}// cannot be used`, {
      hint: 'HTTP_PROXY and HTTPS_PROXY name an http, https or socks5 proxy.',
    });
  }
  return new ProxyAgent({ uri: proxy.href, allowH2: false, connectTimeout: connectMs, requestTls: connect });
}

/**
 * A server that wants another certificate says so in an alert and closes the connection: undici would tell of the
 * closing alone.
 */
function rememberingAlerts(connector: buildConnector.connector): buildConnector.connector {
  return (options, callback) =>
    connector(options, (...[error, socket]: buildConnector.CallbackArgs) => {
      if (error !== null) return callback(error, null);
      let first: Error | undefined;
      socket.prependListener('error', (later: Error) => {
        if (first !== undefined && later !== first) later.cause ??= first;
        first ??= later;
      });
      callback(null, socket);
    });
}

interface ConnectOptions {
  readonly secureContext?: SecureContext;
  readonly rejectUnauthorized?: false;
}

/** One context for all connections: to read some hundred authorities takes longer than a handshake. */
function connectOptions({ ca, certificate, key, anyCertificate }: TlsSettings = {}): ConnectOptions {
  const own = certificate === undefined && key === undefined ? {} : { cert: certificate, key };
  if (anyCertificate === true) return { secureContext: createSecureContext(own), rejectUnauthorized: false };
  const authorities = new Set([...getCACertificates('default'), ...getCACertificates('system')]);
  return {
    secureContext: createSecureContext({ ...own, ca: [...authorities, ...(ca === undefined ? [] : [ca])] }),
  };
}
