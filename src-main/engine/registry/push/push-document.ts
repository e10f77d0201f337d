import { EngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { registryError } from '../remote/registry-error.ts';
import type { RemoteOptions, RemoteRepository } from '../remote/remote-repository.ts';

export interface DocumentToPush {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** What the registry says of a document that it took. */
export interface PushedDocument {
  /** It has added the document to the referrers of its subject (distribution-spec, `OCI-Subject`). */
  readonly listsReferrers: boolean;
}

/**
 * Puts a manifest or image index under a tag or its digest, byte for byte. REGISTRY when the registry has stored other
 * bytes, CONFLICT when the tag may not move.
 */
export async function pushDocument(
  remote: RemoteRepository,
  { digest, mediaType, bytes }: DocumentToPush,
  reference: string,
  { signal, onWait }: RemoteOptions,
): Promise<PushedDocument> {
  const separator = reference === digest ? '@' : ':';
  const name = `${remote.registry}/${remote.repository}${separator}${reference}`;
  const response = await remote.send({
    method: 'PUT',
    path: `manifests/${reference}`,
    headers: { 'content-type': mediaType },
    body: bytes,
    signal,
    onWait,
  });
  if (response.status !== 201) throw await registryError(response, `push ${name}`);
  await response.discard();
  const stored = response.header('docker-content-digest');
  if (stored !== undefined && stored !== digest) {
    throw new EngineError(
      'REGISTRY',
      `${name} was pushed as ${digest}, and the registry has stored ${stored}`,
      {
        hint: 'It changes what it is sent: whoever pulls by the digest shown here will not find it.',
      },
    );
  }
  return { listsReferrers: response.header('oci-subject') !== undefined };
}
