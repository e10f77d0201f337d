import type { Digest } from '../../../contract/oci-types.ts';
import type { RemoteOptions, RemoteRepository } from '../remote/remote-repository.ts';
import { uploadLocation } from './upload-location.ts';

/** A blob that a repository has now without an upload, or the upload that the registry has begun instead. */
export type Mount = { readonly from: string } | { readonly begun: URL };

/**
 * Asks the registry to take a blob over from another of its repositories (distribution-spec, "Mounting a blob from
 * another repository"). A registry that cannot, or finds no such blob there, begins an upload; undefined when it does
 * neither, for a mount is never needed.
 */
export async function mountBlob(
  repository: RemoteRepository,
  digest: Digest,
  from: string,
  { signal, onWait }: RemoteOptions,
): Promise<Mount | undefined> {
  const path = `blobs/uploads/?mount=${digest}&from=${encodeURIComponent(from)}`;
  const body = new Uint8Array();
  const response = await repository.send({ method: 'POST', path, body, from, signal, onWait });
  await response.discard();
  if (response.status === 201) return { from };
  const location = response.status === 202 ? uploadLocation(repository, response) : undefined;
  return location === undefined ? undefined : { begun: location };
}
