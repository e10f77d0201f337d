import type { Digest } from '../../contract/oci-types.ts';
import { EngineError } from '../../contract/errors.ts';
import { isIndexType, isManifestType, MEDIA_TYPES } from './media-types.ts';
import { parseDocument } from './parse-document.ts';

/** What a document says it is, or for one that says nothing, what it must be. */
export function detectMediaType(bytes: Uint8Array, digest: Digest): string {
  const document = parseDocument(bytes, `document ${digest}`);
  const { mediaType } = document;
  if (typeof mediaType === 'string') {
    if (isIndexType(mediaType) || isManifestType(mediaType)) return mediaType;
    throw new EngineError('UNSUPPORTED', `${digest} is of type ${mediaType}, which is no image`);
  }
  if (Object.hasOwn(document, 'manifests')) return MEDIA_TYPES.ociIndex;
  if (Object.hasOwn(document, 'layers') && Object.hasOwn(document, 'config')) return MEDIA_TYPES.ociManifest;
  throw new EngineError('CORRUPT', `${digest} is neither a manifest nor an image index`);
}
