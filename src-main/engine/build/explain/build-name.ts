import type { BuildRequest } from '../../../contract/builds-api.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { cacheKey } from '../cache/cache-key.ts';

/**
 * Equal for builds of the same Dockerfile, target and platform. A context that is brought here for one build has
 * another place each time; its builds are told by their tags.
 */
export function buildName(request: BuildRequest, dockerfile: string): Digest {
  const { context, contextKind, target, platform, tags } = request;
  const place = contextKind === 'folder' ? [context, dockerfile] : [contextKind, tags];
  return cacheKey('build', place, target, platform);
}
