import { z } from 'zod';
import type { Digest, RateLimit } from '../../../contract/oci-types.ts';
import { EngineError } from '../../../contract/errors.ts';
import { digestOf, isDigest } from '../../oci/digest.ts';
import { isIndexType, isManifestType, MEDIA_TYPES } from '../../oci/media-types.ts';
import { DOCUMENT_LIMIT_BYTES, parseDocument } from '../../oci/parse-document.ts';
import { rateLimitOf } from '../session/rate-limit.ts';
import { endpointName } from '../config/endpoints.ts';
import { readLimited } from '../http/read-limited.ts';
import { registryError } from './registry-error.ts';
import type { Wait } from '../session/retry.ts';
import type { RegistrySession } from '../session/session.ts';

/** A manifest or image index as a registry gave it. */
export interface RemoteDocument {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  /** A manifest's or an image index's, and what the document itself says (S6). */
  readonly mediaType: string;
  readonly rateLimit: RateLimit | undefined;
}

export interface DocumentOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onWait?: ((wait: Wait) => void) | undefined;
  /** Of the descriptor that led here. */
  readonly mediaType?: string | undefined;
}

/** What a request for a document accepts. */
export const ACCEPTED_DOCUMENTS = [
  MEDIA_TYPES.ociIndex,
  MEDIA_TYPES.dockerIndex,
  MEDIA_TYPES.ociManifest,
  MEDIA_TYPES.dockerManifest,
].join(', ');

/**
 * The document that a tag or digest names; a digest is proved. NOT_FOUND, UNAUTHORIZED, REGISTRY; CORRUPT when it is not
 * what it or the registry says; UNSUPPORTED when it is neither a manifest nor an image index.
 */
export async function getDocument(
  session: RegistrySession,
  repository: string,
  reference: string,
  options: DocumentOptions,
): Promise<RemoteDocument> {
  const response = await session.send({
    method: 'GET',
    path: `${repository}/manifests/${reference}`,
    headers: { accept: ACCEPTED_DOCUMENTS },
    scope: { repository, actions: ['pull'] },
    signal: options.signal,
    onWait: options.onWait,
  });
  const what = `${repository}${isDigest(reference) ? '@' : ':'}${reference}`;
  if (response.status !== 200)
    throw await registryError(response, `get ${what} from ${endpointName(session.endpoint)}`);
  const bytes = await readLimited(response, DOCUMENT_LIMIT_BYTES, `the manifest of ${what}`);
  const digest = digestOf(bytes);
  if (isDigest(reference) && reference !== digest) {
    throw new EngineError('CORRUPT', `asked for ${reference}, the registry sent ${digest}`);
  }
  const mediaType = mediaTypeOf(bytes, what, [options.mediaType, response.header('content-type')]);
  return { bytes, digest, mediaType, rateLimit: rateLimitOf(response) };
}

/** What every document may say of itself. */
const selfSchema = z.looseObject({ mediaType: z.string().optional(), schemaVersion: z.unknown() });

/**
 * What a document is. Who says a type of manifests must say the same as all others (S6: one document that two tools
 * read as two things is a way past whoever checked it); a server that only says "JSON" or nothing is not asked. A
 * document that says nothing either is known by its members, as docker does.
 */
export function mediaTypeOf(
  bytes: Uint8Array,
  what: string,
  claims: readonly (string | undefined)[],
): string {
  const document = parseDocument(bytes, `manifest of ${what}`);
  const self = selfSchema.safeParse(document);
  if (!self.success) throw new EngineError('CORRUPT', `the manifest of ${what} has no readable media type`);
  const said = [self.data.mediaType, ...claims].map(normalised).filter((type) => isSpecific(type));
  if (self.data.schemaVersion === 1 || said.some(isSchema1)) throw schema1(what);
  const [first, ...others] = said;
  const other = others.find((type) => type !== first);
  if (first === undefined) return guessType(document, what);
  if (other !== undefined) {
    throw new EngineError('CORRUPT', `the manifest of ${what} is said to be ${other} and to be ${first}`, {
      hint: 'Who reads it as one thing sees another image than who reads it as the other: it is not taken.',
    });
  }
  if (isIndexType(first) || isManifestType(first)) return first;
  throw new EngineError(
    'UNSUPPORTED',
    `${what} is of type ${first}, which is neither an image nor an image index`,
  );
}

function normalised(type: string | undefined): string {
  return (type ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** What servers say of any file. */
const VAGUE: ReadonlySet<string> = new Set([
  '',
  'application/json',
  'application/octet-stream',
  'binary/octet-stream',
  'text/plain',
]);

function isSpecific(type: string): boolean {
  return !VAGUE.has(type);
}

function isSchema1(type: string): boolean {
  return type.startsWith('application/vnd.docker.distribution.manifest.v1');
}

function schema1(what: string): EngineError {
  return new EngineError(
    'UNSUPPORTED',
    `${what} is in Docker's old form of manifests (schema 1), which proves no layer and is not read any more`,
    {
      hint: 'Have it pushed again by any docker since 1.10, or convert it: skopeo copy --format oci docker://… docker://…',
    },
  );
}

function guessType(document: Readonly<Record<string, unknown>>, what: string): string {
  const isIndex = Object.hasOwn(document, 'manifests');
  const isManifest = Object.hasOwn(document, 'config') || Object.hasOwn(document, 'layers');
  if (isIndex && isManifest) {
    throw new EngineError('CORRUPT', `the manifest of ${what} is an image and an image index at once`);
  }
  if (isIndex) return MEDIA_TYPES.ociIndex;
  if (isManifest) return MEDIA_TYPES.ociManifest;
  throw new EngineError('CORRUPT', `${what} is neither an image nor an image index`);
}
