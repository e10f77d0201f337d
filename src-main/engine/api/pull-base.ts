import type { BuildDeps } from '../build/build-run.ts';
import { openImage } from '../image/open-image.ts';
import { parseReference } from '../oci/reference.ts';
import type { Registries } from '../registry/open-registries.ts';
import { pullImage } from '../registry/pull-image.ts';
import type { Store } from '../store/store.ts';

/** How a build gets a base image that the store lacks: it is pulled, and its tag is recorded as pulled. */
export function createBasePull(store: Store, registries: Registries): NonNullable<BuildDeps['resolveBase']> {
  return async (name, platform, options) => {
    const reference = parseReference(name);
    const { digest } = await pullImage({ store, registries }, reference, { ...options, platform });
    if (reference.digest === undefined) store.tags.move([{ reference, digest }], 'pull');
    return openImage(store, digest, { platform });
  };
}
