import { z } from 'zod';
import type { Digest } from '../../contract/oci-types.ts';
import { cancelled, EngineError } from '../../contract/errors.ts';
import { digestOf } from '../oci/digest.ts';
import { MEDIA_TYPES } from '../oci/media-types.ts';
import { DOCUMENT_LIMIT_BYTES } from '../oci/parse-document.ts';
import type { LongOptions } from '../store/blob-store.ts';
import { parseBearerChallenge, type BearerChallenge } from './challenge.ts';
import type { Endpoint } from './endpoints.ts';

export type Fetch = typeof fetch;

/** A manifest or image index as a registry gave it. */
export interface RemoteDocument {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly mediaType: string;
}

/** One repository on one endpoint (distribution-spec, "Pull"). Holds a token; needs no closing. */
export interface RepositoryClient {
  /**
   * The document that a tag or digest names; a digest is proved. NOT_FOUND, UNAUTHORIZED, REGISTRY.
   */
  getManifest(reference: string, options?: LongOptions): Promise<RemoteDocument>;
  /** A blob's bytes as they come, unverified: the ingest verifies them. */
  openBlob(digest: Digest, options?: LongOptions): Promise<AsyncIterable<Uint8Array>>;
}

const ACCEPT = [
  MEDIA_TYPES.ociIndex,
  MEDIA_TYPES.dockerIndex,
  MEDIA_TYPES.ociManifest,
  MEDIA_TYPES.dockerManifest,
].join(', ');

const MOST_REDIRECTS = 5;

export function openRepositoryClient(endpoint: Endpoint, repository: string, fetch: Fetch): RepositoryClient {
  const base = `${endpoint.origin}/v2/${repository}`;
  const get = createAuthorizedGet(fetch, repository);
  return {
    getManifest: async (reference, options = {}) => {
      const url = new URL(`${base}/manifests/${reference}`);
      const response = await get(url, { accept: ACCEPT }, options);
      await checkStatus(response, `${repository} ${reference}`, endpoint);
      return readDocument(response, reference);
    },
    openBlob: async (digest, options = {}) => {
      const response = await get(new URL(`${base}/blobs/${digest}`), {}, options);
      await checkStatus(response, `${repository} ${digest}`, endpoint);
      if (response.body === null)
        throw new EngineError('REGISTRY', `${endpoint.origin} sent no bytes for ${digest}`);
      return response.body as unknown as AsyncIterable<Uint8Array>;
    },
  };
}

type Get = (url: URL, headers: Readonly<Record<string, string>>, options: LongOptions) => Promise<Response>;

/** A GET that answers a bearer challenge once, and keeps the token for the next. */
function createAuthorizedGet(fetch: Fetch, repository: string): Get {
  let token: string | undefined;
  return async (url, headers, options) => {
    const first = await follow(fetch, url, withToken(headers, token), options);
    if (first.status !== 401) return first;
    const challenge = parseBearerChallenge(first.headers.get('www-authenticate'));
    await first.body?.cancel();
    if (challenge === undefined) {
      throw new EngineError('UNAUTHORIZED', `${url.host} asks for a login to read ${repository}`);
    }
    token = await fetchToken(fetch, challenge, repository, options);
    return follow(fetch, url, withToken(headers, token), options);
  };
}

function withToken(
  headers: Readonly<Record<string, string>>,
  token: string | undefined,
): Record<string, string> {
  return token === undefined ? { ...headers } : { ...headers, authorization: `Bearer ${token}` };
}

/** Follows redirects by hand: what authorizes us at one host is never sent to another (S10). */
async function follow(
  fetch: Fetch,
  start: URL,
  headers: Record<string, string>,
  options: LongOptions,
): Promise<Response> {
  let url = start;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    const sent = url.origin === start.origin ? headers : withoutAuthorization(headers);
    const response = await attempt(fetch, url, sent, options);
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || location === null) return response;
    await response.body?.cancel();
    url = new URL(location, url);
  }
  throw new EngineError('REGISTRY', `${start.host} redirects more than ${MOST_REDIRECTS} times`);
}

function withoutAuthorization(headers: Record<string, string>): Record<string, string> {
  const { authorization: _, ...rest } = headers;
  return rest;
}

async function attempt(
  fetch: Fetch,
  url: URL,
  headers: Record<string, string>,
  options: LongOptions,
): Promise<Response> {
  try {
    return await fetch(url, { headers, redirect: 'manual', signal: options.signal ?? null });
  } catch (cause) {
    if (options.signal?.aborted === true) throw cancelled('The transfer');
    throw new EngineError('REGISTRY', `cannot reach ${url.host}: ${reasonOf(cause)}`, {
      hint: 'Check the network, the name of the registry, and registries.json.',
      cause,
    });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its address is not known here',
  EAI_AGAIN: 'its address cannot be looked up now',
  ECONNREFUSED: 'it refuses the connection',
  ECONNRESET: 'it closed the connection',
  ETIMEDOUT: 'it does not answer',
};

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return String(cause);
  return REASONS[(cause as NodeJS.ErrnoException).code ?? ''] ?? cause.message;
}

const tokenSchema = z.union([z.object({ token: z.string() }), z.object({ access_token: z.string() })]);

async function fetchToken(
  fetch: Fetch,
  challenge: BearerChallenge,
  repository: string,
  options: LongOptions,
): Promise<string> {
  const url = new URL(challenge.realm);
  if (challenge.service !== undefined) url.searchParams.set('service', challenge.service);
  url.searchParams.set('scope', challenge.scope ?? `repository:${repository}:pull`);
  const response = await attempt(fetch, url, {}, options);
  const parsed = tokenSchema.safeParse(await response.json().catch(() => undefined));
  if (response.ok && parsed.success)
    return 'token' in parsed.data ? parsed.data.token : parsed.data.access_token;
  throw new EngineError('UNAUTHORIZED', `${url.host} gave no token for ${repository} (${response.status})`);
}

async function checkStatus(response: Response, what: string, endpoint: Endpoint): Promise<void> {
  if (response.ok) return;
  await response.body?.cancel();
  const { status } = response;
  if (status === 404) throw new EngineError('NOT_FOUND', `${endpoint.registry} has no ${what}`);
  if (status === 401 || status === 403) {
    throw new EngineError('UNAUTHORIZED', `${endpoint.registry} does not let you read ${what}`, {
      hint: 'It may be private, or not exist.',
    });
  }
  throw new EngineError('REGISTRY', `${endpoint.origin} answered ${status} for ${what}`);
}

async function readDocument(response: Response, reference: string): Promise<RemoteDocument> {
  const bytes = await readLimited(response);
  const digest = digestOf(bytes);
  if (reference.startsWith('sha256:') && reference !== digest) {
    throw new EngineError('CORRUPT', `asked for ${reference}, the registry sent ${digest}`);
  }
  const mediaType = (response.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '';
  return { bytes, digest, mediaType };
}

async function readLimited(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > DOCUMENT_LIMIT_BYTES)
      throw new EngineError('LIMIT_EXCEEDED', 'the registry sent a manifest above 4 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
