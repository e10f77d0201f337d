import { isEngineError } from '../../../contract/errors.ts';
import type { Authorizer } from '../login/authorize.ts';
import type { TlsSettings } from '../http/dispatchers.ts';
import { endpointName, endpointUrl, type Endpoint } from '../config/endpoints.ts';
import { followRedirects } from '../http/follow-redirects.ts';
import { timeoutsOf, type TransferSettings } from '../config/registries-config.ts';
import { refuseWrongScheme } from '../http/refuse-wrong-scheme.ts';
import { pause, waitBefore, type Outcome, type Wait } from './retry.ts';
import type { Scope } from '../login/scope.ts';
import type { HttpRequest, HttpResponse, Transport } from '../http/transport.ts';

export interface SessionRequest extends Pick<
  HttpRequest,
  'method' | 'headers' | 'body' | 'contentLength' | 'signal'
> {
  /** Below `/v2/` of the endpoint; a URL for what a registry has answered with. */
  readonly path: string | URL;
  readonly scope: Scope;
  /** For what must not be done twice: only a 401 is answered. */
  readonly once?: boolean | undefined;
  readonly onWait?: ((wait: Wait) => void) | undefined;
}

/** A conversation with one endpoint. Needs no closing. */
export interface RegistrySession {
  /** Where plain http is allowed, only the first answer tells whether it is that. */
  readonly endpoint: Omit<Endpoint, 'tls'>;
  readonly settings: TransferSettings;
  /**
   * Sends with what authorizes us for the scope, and answers one 401. A redirect of GET and HEAD is followed; nothing
   * that authorizes us goes to another origin (S10). What can pass (broken connections, 408, 429, 5xx) is tried again,
   * as patiently as the settings say; the last answer is given whatever its status. REGISTRY, UNAUTHORIZED, CANCELLED.
   */
  send(request: SessionRequest): Promise<HttpResponse>;
}

export interface SessionOptions {
  /** What is known of the endpoint before it is opened. */
  readonly endpoint: Omit<Endpoint, 'tls'>;
  open(signal: AbortSignal | undefined): Promise<Endpoint>;
  readonly transport: Transport;
  readonly authorizer: Authorizer;
  readonly settings: TransferSettings;
  /** How another host is to be trusted, to which a redirect leads. */
  readonly tlsOf: (url: URL) => Promise<TlsSettings | undefined>;
}

export function createSession(options: SessionOptions): RegistrySession {
  const { settings } = options;
  let opened: Endpoint | undefined;
  let hasAnswered = false;
  const send = async (request: SessionRequest): Promise<HttpResponse> => {
    opened ??= await options.open(request.signal);
    return sendAuthorized({ ...options, endpoint: opened }, request);
  };
  return {
    get endpoint() {
      return opened ?? options.endpoint;
    },
    settings,
    send: async (request) => {
      const host = endpointName(options.endpoint);
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await outcomeOf(send(request));
        hasAnswered ||= 'response' in outcome;
        const wait =
          request.once === true ? undefined : waitBefore({ outcome, attempt, settings, host, hasAnswered });
        if (wait === undefined) return answerOf(outcome);
        if ('response' in outcome) await outcome.response.discard();
        request.onWait?.(wait);
        await pause(wait.ms, request.signal);
      }
    },
  };
}

/** With the endpoint open. */
type Opened = SessionOptions & { readonly endpoint: Endpoint };

async function outcomeOf(sent: Promise<HttpResponse>): Promise<Outcome> {
  try {
    return { response: await sent };
  } catch (error) {
    if (!isEngineError(error, 'REGISTRY')) throw error;
    return { error };
  }
}

function answerOf(outcome: Outcome): HttpResponse {
  if ('response' in outcome) return outcome.response;
  throw outcome.error;
}

async function sendAuthorized(options: Opened, request: SessionRequest): Promise<HttpResponse> {
  const { endpoint, authorizer } = options;
  const { scope, signal } = request;
  const sent = await authorizer.authorizationFor(endpoint, scope, signal);
  const first = await follow(options, request, sent);
  // Who else refuses learns nothing of who we are (S10).
  if (first.response.status !== 401 || !first.isOwn) return first.response;
  const challenges = first.response.headerValues('www-authenticate');
  const isAnswered = await authorizer.answer(endpoint, scope, { challenges, sent, signal });
  if (!isAnswered) return refused(options, request, first);
  await first.response.discard();
  const now = await authorizer.authorizationFor(endpoint, scope, signal);
  return refused(options, request, await follow(options, request, now));
}

/** A refusal that the registry itself cannot explain as well as we can is thrown. */
async function refused(
  { endpoint, authorizer }: Opened,
  { scope }: SessionRequest,
  { response, isOwn }: Followed,
): Promise<HttpResponse> {
  const why = response.status === 401 && isOwn ? authorizer.explain(endpoint, scope) : undefined;
  if (why === undefined) return response;
  await response.discard();
  throw why;
}

interface Followed {
  readonly response: HttpResponse;
  /** Whether no other origin was asked on the way. */
  readonly isOwn: boolean;
}

/** Follows redirects by hand: what authorizes us at one origin is never sent to another, nor after one (S10). */
async function follow(
  options: Opened,
  request: SessionRequest,
  authorization: string | undefined,
): Promise<Followed> {
  const { endpoint } = options;
  const start = request.path instanceof URL ? request.path : endpointUrl(endpoint, request.path);
  let isOwn = true;
  const ask = (url: URL): Promise<HttpResponse> => {
    isOwn &&= url.origin === endpoint.origin;
    return attempt(options, request, url, isOwn ? authorization : undefined);
  };
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const how = { name: endpointName(endpoint), mayBecomePlain: false };
  const response = await (isRead ? followRedirects(start, how, ask) : ask(start));
  return { response, isOwn };
}

async function attempt(
  { endpoint, transport, settings, tlsOf }: Opened,
  request: SessionRequest,
  url: URL,
  authorization: string | undefined,
): Promise<HttpResponse> {
  const response = await transport.request({
    method: request.method,
    url,
    headers: { ...request.headers, ...(authorization === undefined ? {} : { authorization }) },
    body: request.body,
    contentLength: request.contentLength,
    tls: url.origin === endpoint.origin ? endpoint.tls : await tlsOf(url),
    timeouts: timeoutsOf(settings),
    signal: request.signal,
  });
  return refuseWrongScheme(response, url);
}
