import type { Digest } from '../../../contract/oci-types.ts';
import { registryError } from '../remote/registry-error.ts';
import type { RemoteOptions, RemoteRepository } from '../remote/remote-repository.ts';

/** Whether a repository has a blob. UNAUTHORIZED, REGISTRY when it does not say. */
export async function hasBlob(
  remote: RemoteRepository,
  digest: Digest,
  { signal, onWait }: RemoteOptions,
): Promise<boolean> {
  const response = await remote.send({ method: 'HEAD', path: `blobs/${digest}`, signal, onWait });
  if (response.status === 200 || response.status === 404) {
    await response.discard();
    return response.status === 200;
  }
  throw await registryError(response, `look for ${digest} in ${remote.registry}/${remote.repository}`);
}
