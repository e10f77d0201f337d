import type { Digest } from '../../../contract/oci-types.ts';
import { isDigest } from '../../oci/digest.ts';
import { ACCEPTED_DOCUMENTS } from './remote-document.ts';
import { registryError } from './registry-error.ts';
import type { RemoteOptions, RemoteRepository } from './remote-repository.ts';

/**
 * The digest of what a tag or digest names, as the registry says it and without reading it; undefined when there is
 * nothing of that name, or the registry does not say which digest it has.
 */
export async function findDocument(
  remote: RemoteRepository,
  reference: string,
  { signal, onWait }: RemoteOptions,
): Promise<Digest | undefined> {
  const response = await remote.send({
    method: 'HEAD',
    path: `manifests/${reference}`,
    headers: { accept: ACCEPTED_DOCUMENTS },
    signal,
    onWait,
  });
  if (response.status !== 200 && response.status !== 404) {
    throw await registryError(response, `look for ${remote.registry}/${remote.repository} ${reference}`);
  }
  await response.discard();
  if (response.status === 404) return undefined;
  if (isDigest(reference)) return reference;
  const digest = response.header('docker-content-digest');
  return digest !== undefined && isDigest(digest) ? digest : undefined;
}
