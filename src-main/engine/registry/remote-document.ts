import type { Digest } from '../../contract/oci-types.ts';
import { EngineError } from '../../contract/errors.ts';
import { digestOf, isDigest } from '../oci/digest.ts';
import { MEDIA_TYPES } from '../oci/media-types.ts';
import { DOCUMENT_LIMIT_BYTES } from '../oci/parse-document.ts';
import { readLimited, refusal } from './read-response.ts';
import type { Wait } from './retry.ts';
import type { RegistrySession } from './session.ts';

/** A manifest or image index as a registry gave it. */
export interface RemoteDocument {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly mediaType: string;
}

/** What a request for a document accepts. */
export const ACCEPTED_DOCUMENTS = [
  MEDIA_TYPES.ociIndex,
  MEDIA_TYPES.dockerIndex,
  MEDIA_TYPES.ociManifest,
  MEDIA_TYPES.dockerManifest,
].join(', ');

/** The document that a tag or digest names; a digest is proved. NOT_FOUND, UNAUTHORIZED, REGISTRY, CORRUPT. */
export async function getDocument(
  session: RegistrySession,
  repository: string,
  reference: string,
  options: {
    readonly signal?: AbortSignal | undefined;
    readonly onWait?: ((wait: Wait) => void) | undefined;
  },
): Promise<RemoteDocument> {
  const response = await session.send({
    method: 'GET',
    path: `${repository}/manifests/${reference}`,
    headers: { accept: ACCEPTED_DOCUMENTS },
    scope: { repository, actions: ['pull'] },
    signal: options.signal,
    onWait: options.onWait,
  });
  if (response.status !== 200) throw await refusal(response, session.endpoint, `${repository} ${reference}`);
  const bytes = await readLimited(response, DOCUMENT_LIMIT_BYTES, 'the manifest that the registry sent');
  const digest = digestOf(bytes);
  if (isDigest(reference) && reference !== digest) {
    throw new EngineError('CORRUPT', `asked for ${reference}, the registry sent ${digest}`);
  }
  const mediaType = (response.header('content-type') ?? '').split(';')[0]?.trim() ?? '';
  return { bytes, digest, mediaType };
}
