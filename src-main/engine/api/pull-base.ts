import type { BuildDeps } from '../build/build-run.ts';
import { openImage } from '../image/open-image.ts';
import { parseReference } from '../oci/reference.ts';
import { pullImage } from '../registry/pull-image.ts';
import type { Fetch } from '../registry/registry-client.ts';
import type { Store } from '../store/store.ts';

/** How a build gets a base image that the store lacks: it is pulled, and its tag is recorded as pulled. */
export function createBasePull(store: Store, fetch: Fetch): NonNullable<BuildDeps['resolveBase']> {
  return async (name, platform, options) => {
    const reference = parseReference(name);
    const { digest } = await pullImage(store, reference, { ...options, platform, fetch });
    if (reference.digest === undefined) store.tags.move([{ reference, digest }], 'pull');
    return openImage(store, digest, { platform });
  };
}
