import { z } from 'zod';
import { EngineError } from '../../../contract/errors.ts';
import type { Challenge } from './challenge.ts';
import type { Credential } from '../credentials/credential.ts';
import type { TlsSettings } from '../http/dispatchers.ts';
import { endpointName, type Endpoint } from '../config/endpoints.ts';
import { isLoopback } from '../http/is-loopback.ts';
import { timeoutsOf, type TransferSettings } from '../config/registries-config.ts';
import { parseJson } from '../../parse-json.ts';
import { readLimited } from '../http/read-limited.ts';
import { pause, waitBefore } from '../session/retry.ts';
import type { HttpRequest, HttpResponse, Transport } from '../http/transport.ts';

/** A bearer token and how long it is good for. */
export interface Token {
  readonly token: string;
  readonly lifetimeMs: number;
  /** What a later token can be had with, in place of the password. */
  readonly refreshToken: string | undefined;
}

export interface TokenRequest {
  readonly endpoint: Endpoint;
  readonly challenge: Challenge;
  readonly scopes: readonly string[];
  /** Nobody in particular when absent. */
  readonly credential: Credential | undefined;
  /** Asks for a refresh token too. */
  readonly offline: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface TokenParts {
  readonly transport: Transport;
  readonly settings: () => Promise<TransferSettings>;
  readonly tlsOf: (url: URL) => Promise<TlsSettings | undefined>;
}

/** Undefined when the server does not give a token to who asks. */
export type TokenAnswer = Token | undefined;

const CLIENT = 'varve';
/** How long a token is good for when nobody says (distribution's token specification). */
const USUAL_LIFETIME_S = 60;
const TOKEN_LIMIT_BYTES = 1024 * 1024;
/** The server has no such method here, as against refusing who asks. */
const NO_SUCH_WAY: readonly number[] = [404, 405, 501];

const answerSchema = z
  .object({
    token: z.string().optional(),
    access_token: z.string().optional(),
    expires_in: z.number().positive().optional(),
    issued_at: z.string().optional(),
    refresh_token: z.string().optional(),
  })
  .transform((answer) => ({ ...answer, token: answer.token || answer.access_token || '' }))
  .refine(({ token }) => /^[\x21-\x7e]+$/.test(token));

/**
 * Asks the realm of a bearer challenge for a token: with GET as every token server knows it, or with POST (OAuth 2)
 * for an identity token; with the other where the server has no such way. REGISTRY, CANCELLED.
 */
export async function fetchToken(request: TokenRequest, parts: TokenParts): Promise<TokenAnswer> {
  const realm = realmOf(request);
  const ways = [getRequest(request, realm), ...(request.credential ? [postRequest(request, realm)] : [])];
  if (request.credential?.kind === 'identity-token') ways.reverse();
  let response: HttpResponse | undefined;
  for (const way of ways) {
    await response?.discard();
    response = await send({ ...way, tls: await tlsFor(realm, request, parts) }, request, parts);
    if (!NO_SUCH_WAY.includes(response.status)) break;
  }
  if (response === undefined) throw new EngineError('INTERNAL', 'no way to ask for a token');
  return readToken(response, realm, request);
}

/**
 * The realm is https; plain http only between a registry and a realm that are both on this machine (S10). Anything
 * else would show the password to the network, or this machine's services to a registry.
 */
function realmOf({ endpoint, challenge }: TokenRequest): URL {
  const realm = URL.parse(challenge.parameters.get('realm') ?? '');
  if (realm === null)
    throw new EngineError('REGISTRY', `${endpointName(endpoint)} does not say where to get a token`);
  const isHere = isLoopback(realm.host) && isLoopback(new URL(endpoint.origin).host);
  const isSafe = realm.protocol === 'https:' || (realm.protocol === 'http:' && isHere);
  if (isSafe && realm.username === '' && realm.password === '') return realm;
  throw new EngineError(
    'REGISTRY',
    `${endpointName(endpoint)} sends for tokens to ${realm.protocol}//${realm.host}, which is not https`,
    { hint: 'Nothing was sent there: whoever listens could read the password.' },
  );
}

/** A realm at the registry's own address is trusted as that; elsewhere the registry's authorities count too. */
async function tlsFor(
  realm: URL,
  { endpoint }: TokenRequest,
  { tlsOf }: TokenParts,
): Promise<TlsSettings | undefined> {
  if (realm.origin === endpoint.origin) return endpoint.tls;
  const own = await tlsOf(realm);
  const ca = own?.ca ?? endpoint.tls?.ca;
  return ca === undefined ? own : { ...own, ca };
}

type Way = Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>;

function getRequest({ challenge, scopes, credential, offline }: TokenRequest, realm: URL): Way {
  const url = new URL(realm);
  const service = challenge.parameters.get('service');
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  if (credential?.username) url.searchParams.set('account', credential.username);
  if (offline) {
    url.searchParams.set('offline_token', 'true');
    url.searchParams.set('client_id', CLIENT);
  }
  return {
    method: 'GET',
    url,
    headers: credential === undefined ? {} : { authorization: basicAuthorization(credential) },
  };
}

function postRequest({ challenge, scopes, credential, offline }: TokenRequest, realm: URL): Way {
  const form = new URLSearchParams({ client_id: CLIENT });
  const service = challenge.parameters.get('service');
  if (service !== undefined) form.set('service', service);
  if (scopes.length > 0) form.set('scope', scopes.join(' '));
  if (offline) form.set('access_type', 'offline');
  if (credential?.kind === 'identity-token') {
    form.set('grant_type', 'refresh_token');
    form.set('refresh_token', credential.secret);
  } else if (credential !== undefined) {
    form.set('grant_type', 'password');
    form.set('username', credential.username);
    form.set('password', credential.secret);
  }
  return {
    method: 'POST',
    url: realm,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(form.toString()),
  };
}

/** RFC 7617. */
export function basicAuthorization({ username, secret }: Credential): string {
  return `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`;
}

/** Waits where the server asks for it; broken connections are for whoever sends the whole request again. */
async function send(
  request: Omit<HttpRequest, 'timeouts'>,
  { signal }: TokenRequest,
  { transport, settings: readSettings }: TokenParts,
): Promise<HttpResponse> {
  const settings = await readSettings();
  for (let attempt = 1; ; attempt += 1) {
    const response = await transport.request({ ...request, timeouts: timeoutsOf(settings), signal });
    const { host } = request.url;
    const wait = waitBefore({ outcome: { response }, attempt, settings, host, hasAnswered: true });
    if (wait === undefined) return response;
    await response.discard();
    await pause(wait.ms, signal);
  }
}

async function readToken(
  response: HttpResponse,
  realm: URL,
  { endpoint }: TokenRequest,
): Promise<TokenAnswer> {
  const { status } = response;
  // OAuth 2 answers 400 to a grant that it does not accept (RFC 6749, 5.2).
  if ([400, 401, 403].includes(status)) {
    await response.discard();
    return undefined;
  }
  const answer = status === 200 ? answerSchema.safeParse(await readJson(response, realm)) : undefined;
  if (answer?.success === true) {
    const { token, refresh_token: refreshToken } = answer.data;
    return { token, refreshToken, lifetimeMs: lifetimeMs(answer.data, response.header('date')) };
  }
  await response.discard();
  const what = status === 200 ? 'no token' : String(status);
  throw new EngineError(
    'REGISTRY',
    `${realm.host} answered ${what} when asked for a token for ${endpointName(endpoint)}`,
  );
}

/** Both times are the server's, so that this machine's clock may be wrong. */
function lifetimeMs(
  { expires_in: seconds = USUAL_LIFETIME_S, issued_at: issuedAt }: z.output<typeof answerSchema>,
  date: string | undefined,
): number {
  const age = Date.parse(date ?? '') - Date.parse(issuedAt ?? '');
  return seconds * 1000 - (Number.isNaN(age) ? 0 : Math.max(0, age));
}

async function readJson(response: HttpResponse, realm: URL): Promise<unknown> {
  const text = Buffer.from(
    await readLimited(response, TOKEN_LIMIT_BYTES, `a token of ${realm.host}`),
  ).toString();
  // What it is when it is no JSON may hold a token: nothing is said of it.
  return parseJson(text);
}
