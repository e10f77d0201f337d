import { EngineError, isEngineError } from '../../../contract/errors.ts';
import { parseChallenges, type Challenge } from './challenge.ts';
import type { LoginPlace } from '../../../contract/registries-api.ts';
import type { Credential } from '../credentials/credential.ts';
import { canonicalHost } from '../credentials/registry-key.ts';
import { endpointName, type Endpoint } from '../config/endpoints.ts';
import { basicAuthorization, fetchToken, type TokenParts } from './fetch-token.ts';
import { tokenScopes, type Scope } from './scope.ts';

/** What a request is sent with; undefined for a request of nobody in particular. */
export type Authorization = string | undefined;

/**
 * Who we are, for each endpoint and scope (S10: for no other, a mirror gets what belongs to its own host). Keeps
 * tokens for as long as they are good, in memory only.
 */
export interface Authorizer {
  /** The `Authorization` to send, as far as is known before anything was refused; renewed before it runs out. */
  authorizationFor(endpoint: Endpoint, scope: Scope, signal?: AbortSignal): Promise<Authorization>;
  /**
   * Answers the `WWW-Authenticate` headers of a 401 to what was sent with `sent`; true when another try is worth it.
   * UNAUTHORIZED when nobody is logged in, or the login is refused; its hint says what to do.
   */
  answer(endpoint: Endpoint, scope: Scope, refused: Refused): Promise<boolean>;
  /** Why a registry may refuse again what `answer` found; undefined when it cannot tell more than the registry. */
  explain(endpoint: Endpoint, scope: Scope): EngineError | undefined;
  /** Forgets what it has for a host: someone has logged in or out there. */
  forget(host: string): void;
}

interface Refused {
  readonly challenges: readonly string[];
  readonly sent: Authorization;
  readonly signal?: AbortSignal | undefined;
}

/** Says to no one who we are. */
export const NOBODY: Authorizer = {
  authorizationFor: () => Promise.resolve(undefined),
  answer: () => Promise.resolve(false),
  explain: () => undefined,
  forget: () => {},
};

/** Where a login comes from. */
export type FindCredential = (
  host: string,
  repository: string | undefined,
  options: { readonly signal?: AbortSignal | undefined },
) => Promise<{
  readonly credential?: Login;
  readonly problems: readonly EngineError[];
}>;

/** A credential; from no place when it is only being tried. */
export type Login = Credential & { readonly from?: LoginPlace };

export interface AuthorizerOptions extends TokenParts {
  readonly find: FindCredential;
  /** Hears of a refresh token, which is then asked for. */
  readonly onRefreshToken?: ((token: string) => void) | undefined;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** What is known of one scope at one endpoint. */
interface Grant {
  readonly host: string;
  readonly authorization: string;
  /** What a token was had for; a password and a token of the user's own need no asking. */
  readonly challenge: Challenge | undefined;
  readonly renewAt: number;
  readonly login: Login | undefined;
  readonly problems: readonly EngineError[];
}

/** What is asked for, and for where. */
interface Ask {
  readonly endpoint: Endpoint;
  readonly scope: Scope;
  readonly challenge: Challenge;
  readonly signal: AbortSignal | undefined;
}

export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  const now = options.now ?? (() => performance.now());
  const grants = new Map<string, Grant>();
  const coming = new Map<string, Promise<Grant>>();
  /** One at a time asks for a scope's token: whoever else needs it waits for the same. */
  const obtain = async (ask: Ask): Promise<Grant> => {
    const key = keyOf(ask.endpoint, ask.scope);
    const asked = coming.get(key);
    if (asked === undefined) {
      const own = obtainGrant(ask, options, now).finally(() => coming.delete(key));
      coming.set(key, own);
      const grant = await own;
      grants.set(key, grant);
      return grant;
    }
    try {
      return await asked;
    } catch (error) {
      if (isEngineError(error, 'CANCELLED') && ask.signal?.aborted !== true) return obtain(ask);
      throw error;
    }
  };
  return {
    authorizationFor: async (endpoint, scope, signal) => {
      const grant = grants.get(keyOf(endpoint, scope));
      if (grant?.challenge === undefined || now() < grant.renewAt) return grant?.authorization;
      return (await obtain({ endpoint, scope, challenge: grant.challenge, signal })).authorization;
    },
    answer: async (endpoint, scope, { challenges, sent, signal }) => {
      const known = grants.get(keyOf(endpoint, scope));
      // Meanwhile another request has brought one.
      if (known !== undefined && known.authorization !== sent) return true;
      const challenge = chooseChallenge(challenges, endpoint);
      if (challenge === undefined) return false;
      return (await obtain({ endpoint, scope, challenge, signal })).authorization !== sent;
    },
    explain: (endpoint, scope) => {
      const grant = grants.get(keyOf(endpoint, scope));
      if (grant === undefined) return undefined;
      const { login, problems } = grant;
      if (login === undefined) return loginNeeded(endpoint, scope, problems);
      return grant.challenge === undefined ? refusedLogin(grant.host, login) : undefined;
    },
    forget: (host) => {
      for (const [key, grant] of grants) if (grant.host === host) grants.delete(key);
    },
  };
}

function keyOf({ origin, repositoryPrefix }: Endpoint, scope: Scope): string {
  const { repository, actions, catalog, from } = scope;
  return JSON.stringify([origin, repositoryPrefix, repository, [...actions].sort(), catalog, from]);
}

/** The host whose logins count at an endpoint: its own, whatever registry it stands in for. */
export function loginHost({ origin }: Pick<Endpoint, 'origin'>): string {
  return canonicalHost(new URL(origin).host);
}

/** A token shows less than a password, where there is a choice. */
function chooseChallenge(headers: readonly string[], endpoint: Endpoint): Challenge | undefined {
  const challenges = headers.flatMap(parseChallenges);
  const known = ['bearer', 'basic'].map((scheme) => challenges.find((each) => each.scheme === scheme));
  const chosen = known.find((each) => each !== undefined);
  if (chosen !== undefined || challenges.length === 0) return chosen;
  const schemes = [...new Set(challenges.map(({ scheme }) => scheme))].join(' or ').slice(0, 100);
  throw new EngineError(
    'UNAUTHORIZED',
    `${endpointName(endpoint)} asks for a login by ${schemes}, which Varve does not know`,
    { hint: 'It knows basic and bearer, as registries have them.' },
  );
}

async function obtainGrant(ask: Ask, options: AuthorizerOptions, now: () => number): Promise<Grant> {
  const { endpoint, scope, challenge, signal } = ask;
  const host = loginHost(endpoint);
  const named =
    scope.repository === undefined ? undefined : `${endpoint.repositoryPrefix}${scope.repository}`;
  const { credential: login, problems } = await options.find(host, named, { signal });
  const grant = { host, login, problems, challenge: undefined, renewAt: Infinity };
  if (login?.kind === 'registry-token') return { ...grant, authorization: `Bearer ${login.secret}` };
  if (challenge.scheme === 'bearer')
    return { ...grant, ...(await bearerGrant(ask, login, problems, options, now)) };
  if (login?.kind === 'password') return { ...grant, authorization: basicAuthorization(login) };
  throw loginNeeded(endpoint, scope, problems);
}

/** A token is asked for anew while it is still good: what is under way must not end with it. */
const RENEW_BEFORE_MS = 10_000;
const RENEW_SHARE = 0.1;

async function bearerGrant(
  { endpoint, scope, challenge, signal }: Ask,
  login: Login | undefined,
  problems: readonly EngineError[],
  options: AuthorizerOptions,
  now: () => number,
): Promise<Pick<Grant, 'authorization' | 'challenge' | 'renewAt'>> {
  const scopes = tokenScopes(scope, endpoint.repositoryPrefix, challenge.parameters.get('scope'));
  const { onRefreshToken } = options;
  const offline = onRefreshToken !== undefined;
  const asked = now();
  const token = await fetchToken(
    { endpoint, challenge, scopes, credential: login, offline, signal },
    options,
  );
  if (token === undefined) {
    throw login === undefined
      ? loginNeeded(endpoint, scope, problems)
      : refusedLogin(loginHost(endpoint), login);
  }
  if (token.refreshToken !== undefined) onRefreshToken?.(token.refreshToken);
  const { lifetimeMs } = token;
  const early = Math.min(RENEW_BEFORE_MS, lifetimeMs * RENEW_SHARE);
  return { authorization: `Bearer ${token.token}`, challenge, renewAt: asked + lifetimeMs - early };
}

function loginNeeded(endpoint: Endpoint, scope: Scope, problems: readonly EngineError[]): EngineError {
  const { repository } = scope;
  const what = repository === undefined ? '' : ` for ${repository}`;
  const unread = problems.map(({ message, hint }) => (hint === undefined ? message : `${message}. ${hint}`));
  return new EngineError('UNAUTHORIZED', `${endpointName(endpoint)} asks for a login${what}`, {
    hint: [
      ...unread,
      `Log in with: varve login ${loginHost(endpoint)}`,
      ...(repository === undefined ? [] : ['Or there is no such repository.']),
    ].join('\n'),
  });
}

function refusedLogin(host: string, { username, from }: Login): EngineError {
  const who = username === '' ? 'the login' : `the login of ${username}`;
  if (from === undefined) {
    return new EngineError('UNAUTHORIZED', `${host} does not accept ${who}: wrong user name or password`, {
      hint: 'Many registries want an access token in place of the password.',
    });
  }
  return new EngineError('UNAUTHORIZED', `${host} does not accept ${who} from ${from.place}`, {
    hint: `Log in again with: varve login ${host}`,
  });
}
