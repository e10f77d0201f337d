import type { Digest } from '../../../contract/oci-types.ts';
import { isEngineError } from '../../../contract/errors.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { digestAlgorithm, digestHex, digestOf } from '../../oci/digest.ts';
import { parseImageIndex } from '../../oci/image-index.ts';
import { MEDIA_TYPES } from '../../oci/media-types.ts';
import type { Store } from '../../store/store.ts';
import { pushDocument } from './push-document.ts';
import { getDocument } from '../remote/remote-document.ts';
import type { RemoteOptions, RemoteRepository } from '../remote/remote-repository.ts';

const MOST_HEX_DIGITS = 64;

/** The tag under which referrers are listed where the registry has no API for it (distribution-spec, "Referrers Tag Schema"). */
export function referrersTag(subject: Digest): string {
  return `${digestAlgorithm(subject)}-${digestHex(subject).slice(0, MOST_HEX_DIGITS)}`;
}

/** The index under the referrers' tag; without entries when there is none. */
export async function readReferrersTag(
  remote: RemoteRepository,
  subject: Digest,
  options: RemoteOptions,
): Promise<readonly Descriptor[]> {
  try {
    const { bytes } = await getDocument(remote.session, remote.repository, referrersTag(subject), options);
    return parseImageIndex(bytes).manifests;
  } catch (error) {
    if (isEngineError(error, 'NOT_FOUND')) return [];
    throw error;
  }
}

/**
 * Rewrites the list of a subject's referrers; the index under the tag is left alone when nothing changes. Two changes
 * from one store wait for each other. Another client's at the same moment can be lost: the specification has no way
 * against it that registries support.
 */
export async function changeReferrersTag(
  store: Store,
  remote: RemoteRepository,
  subject: Digest,
  change: (entries: readonly Descriptor[]) => readonly Descriptor[],
  options: RemoteOptions,
): Promise<void> {
  const tag = referrersTag(subject);
  const key = `referrers ${remote.session.endpoint.origin}/${remote.repository}:${tag}`;
  using _ = await store.claims.claim(key, { signal: options.signal });
  const before = await readReferrersTag(remote, subject, options);
  const manifests = change(before);
  if (JSON.stringify(manifests) === JSON.stringify(before)) return;
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests };
  const bytes = Buffer.from(JSON.stringify(index));
  await pushDocument(
    remote,
    { digest: digestOf(bytes), mediaType: MEDIA_TYPES.ociIndex, bytes },
    tag,
    options,
  );
}
