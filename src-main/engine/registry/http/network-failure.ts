import { EngineError, isEngineError } from '../../../contract/errors.ts';

/** Why a server could not be spoken with, as far as someone can act on it. */
export interface NetworkFailure {
  /** `down`: it may come back when it has answered before. `passing`: the next try may go well. */
  readonly kind: 'passing' | 'down' | 'plain-http' | 'certificate' | 'other';
  /** Continues "cannot reach registry.example: ". */
  readonly words: string;
  readonly hint?: string;
}

const CHECK_NETWORK = 'Check the network, the name of the registry, and registries.json.';
const NAME_CA =
  'If it is your own, name the file with its authority: {"registries":{"host:port":{"ca":"/path/ca.pem"}}} in registries.json, or put it into /etc/docker/certs.d/host:port/ca.crt.';
const NAME_CLIENT =
  'Name yours in registries.json: "clientCertificate" and "clientKey", or put client.cert and client.key into /etc/docker/certs.d/host:port.';
const PLAIN_HTTP =
  'If plain http is meant, set "insecure": true for it in registries.json: {"registries":{"host:port":{"insecure":true}}}.';

const passing = (words: string): NetworkFailure => ({ kind: 'passing', words, hint: CHECK_NETWORK });
const down = (words: string): NetworkFailure => ({ kind: 'down', words, hint: CHECK_NETWORK });
const certificate = (words: string, hint: string): NetworkFailure => ({ kind: 'certificate', words, hint });
const unknownAuthority = certificate('its certificate is signed by an authority unknown here', NAME_CA);
const wantsCertificate = certificate('it accepts no one without a certificate of the client', NAME_CLIENT);
const plainHttp: NetworkFailure = {
  kind: 'plain-http',
  words: 'it was asked by https and answers in plain http',
  hint: PLAIN_HTTP,
};

/** By the codes of Node, OpenSSL and undici. */
const FAILURES: Readonly<Record<string, NetworkFailure>> = {
  ENOTFOUND: down('its address is not known here'),
  EAI_AGAIN: down('its address cannot be looked up now'),
  ECONNREFUSED: down('it refuses the connection'),
  EHOSTUNREACH: down('there is no way to it'),
  ENETUNREACH: down('there is no network'),
  UND_ERR_CONNECT_TIMEOUT: down('it does not take the connection'),
  ECONNRESET: passing('it closed the connection'),
  EPIPE: passing('it closed the connection'),
  UND_ERR_SOCKET: passing('it closed the connection'),
  UND_ERR_ABORTED: passing('the connection broke'),
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: passing('it sent another number of bytes than it said'),
  ETIMEDOUT: passing('it does not answer'),
  UND_ERR_HEADERS_TIMEOUT: passing('it does not answer'),
  UND_ERR_BODY_TIMEOUT: passing('it stopped sending'),
  UND_ERR_PRX_CONN: passing('the proxy broke the connection'),
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  CERT_HAS_EXPIRED: certificate('its certificate has expired', 'Check the clock of this machine.'),
  CERT_NOT_YET_VALID: certificate('its certificate is not valid yet', 'Check the clock of this machine.'),
  ERR_TLS_CERT_ALTNAME_INVALID: certificate(
    'its certificate is for another name',
    'Use the name that the certificate has.',
  ),
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: wantsCertificate,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: wantsCertificate,
  'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE': wantsCertificate,
  ERR_SSL_WRONG_VERSION_NUMBER: plainHttp,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: plainHttp,
  EPROTO: plainHttp,
};

/** What an error of the network means. */
export function networkFailure(error: unknown): NetworkFailure {
  for (const each of chainOf(error).toReversed()) {
    const known = FAILURES[(each as NodeJS.ErrnoException).code ?? ''];
    if (known !== undefined) return known;
  }
  return {
    kind: 'other',
    words: error instanceof Error ? error.message : String(error),
    hint: CHECK_NETWORK,
  };
}

/** An error, what it was caused by, and so on. */
function chainOf(error: unknown): readonly Error[] {
  return error instanceof Error ? [error, ...chainOf(error.cause)] : [];
}

/** The error for a request that got no answer, or not all of it. */
export function unreachable(host: string, cause: unknown): EngineError {
  const { words, hint } = networkFailure(cause);
  return new EngineError('REGISTRY', `cannot reach ${host}: ${words}`, { hint, cause });
}

/** What kept a request from being answered; undefined for any other error. */
export function failureOf(error: unknown): NetworkFailure | undefined {
  return isEngineError(error, 'REGISTRY') && error.cause !== undefined
    ? networkFailure(error.cause)
    : undefined;
}
