import type { TagEvent } from '../../contract/images-api.ts';
import type { Digest } from '../../contract/oci-types.ts';
import { formatReference, parseReference, type Reference } from '../oci/reference.ts';
import type { Store } from './store.ts';

/**
 * Records what a pull brought under the name that it was asked for by: a tag moves there; a digest becomes a name of
 * its own, unless a tag of that repository names the image already. So whatever was asked for is listed, and no prune
 * takes it. The event, when something changed.
 */
export function recordPull(store: Store, reference: Reference, digest: Digest): TagEvent | undefined {
  if (reference.digest === undefined) return store.tags.move([{ reference, digest }], 'pull')[0];
  const byDigest = { ...reference, tag: undefined };
  if (hasTag(store, byDigest, digest)) return undefined;
  return store.tags.move([{ reference: byDigest, digest }], 'pull')[0];
}

function hasTag(store: Store, repository: Reference, digest: Digest): boolean {
  return store.tags
    .list()
    .filter((row) => row.digest === digest)
    .map(({ name }) => parseReference(name))
    .some(
      ({ tag, ...name }) =>
        tag !== undefined &&
        formatReference({ ...name, tag: undefined, digest }) === formatReference(repository),
    );
}
