import { z } from 'zod';
import { EngineError } from '../../contract/errors.ts';
import { parseBearerChallenge, type BearerChallenge } from './challenge.ts';
import { endpointName, type Endpoint } from './endpoints.ts';
import { readLimited } from './read-limited.ts';
import type { HttpResponse, Timeouts, Transport } from './transport.ts';

/** What a request is to be allowed to do. */
export interface Scope {
  readonly repository?: string | undefined;
  readonly actions: readonly ('pull' | 'push' | 'delete' | '*')[];
  /** The list of all repositories. */
  readonly catalog?: boolean | undefined;
  /** The repository that a blob is mounted from. */
  readonly from?: string | undefined;
}

/** Who we are, for each endpoint and scope (S10: for no other). Keeps tokens as long as it lives. */
export interface Authorizer {
  /** What a request is sent with, as far as is known before any was refused. */
  headersFor(endpoint: Endpoint, scope: Scope): Promise<Readonly<Record<string, string>>>;
  /** Answers the `WWW-Authenticate` headers of a 401; true when another try is worth it. UNAUTHORIZED. */
  answer(
    endpoint: Endpoint,
    scope: Scope,
    wwwAuthenticate: readonly string[],
    signal?: AbortSignal,
  ): Promise<boolean>;
}

/** Says to no one who we are. */
export const NOBODY: Authorizer = {
  headersFor: () => Promise.resolve({}),
  answer: () => Promise.resolve(false),
};

const tokenSchema = z.union([z.object({ token: z.string() }), z.object({ access_token: z.string() })]);

/** As anyone: the token that a registry gives to who has none. */
export function createAuthorizer(transport: Transport, timeouts: () => Promise<Timeouts>): Authorizer {
  const tokens = new Map<string, string>();
  return {
    headersFor: (endpoint, scope) => {
      const token = tokens.get(keyOf(endpoint, scope));
      return Promise.resolve(token === undefined ? {} : { authorization: `Bearer ${token}` });
    },
    answer: async (endpoint, scope, wwwAuthenticate, signal) => {
      const challenge = wwwAuthenticate.map(parseBearerChallenge).find((each) => each !== undefined);
      if (challenge === undefined) return false;
      const url = tokenUrl(challenge, scope);
      const response = await transport.request({ method: 'GET', url, timeouts: await timeouts(), signal });
      const parsed = tokenSchema.safeParse(await readJson(response));
      if (response.status !== 200 || !parsed.success) {
        throw new EngineError(
          'UNAUTHORIZED',
          `${url.host} gave no token for ${endpointName(endpoint)} (${response.status})`,
        );
      }
      const token = 'token' in parsed.data ? parsed.data.token : parsed.data.access_token;
      tokens.set(keyOf(endpoint, scope), token);
      return true;
    },
  };
}

function keyOf({ origin }: Endpoint, scope: Scope): string {
  return JSON.stringify([origin, scope]);
}

function tokenUrl(challenge: BearerChallenge, { repository, actions }: Scope): URL {
  const url = new URL(challenge.realm);
  if (challenge.service !== undefined) url.searchParams.set('service', challenge.service);
  const scope = repository === undefined ? undefined : `repository:${repository}:${actions.join(',')}`;
  const asked = challenge.scope ?? scope;
  if (asked !== undefined) url.searchParams.set('scope', asked);
  return url;
}

const TOKEN_LIMIT_BYTES = 1024 * 1024;

async function readJson(response: HttpResponse): Promise<unknown> {
  const bytes = await readLimited(response, TOKEN_LIMIT_BYTES, 'a token');
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
