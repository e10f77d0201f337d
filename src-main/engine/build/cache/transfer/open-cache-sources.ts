import type { BuildRequest } from '../../../../contract/builds-api.ts';
import { isEngineError } from '../../../../contract/errors.ts';
import type { LongOptions } from '../../../store/blob-store.ts';
import { openCacheSource, type CacheSource } from './open-cache-source.ts';

/** Opens those that can be used; of another one it tells why it is not, and the build does without it. */
export async function openCacheSources(
  given: BuildRequest['cacheFrom'],
  options: LongOptions & { readonly onRefused: (text: string) => void },
): Promise<readonly CacheSource[]> {
  const sources: CacheSource[] = [];
  for (const one of given) {
    try {
      sources.push(await openCacheSource(one, options));
    } catch (error) {
      if (!isEngineError(error) || error.code === 'CANCELLED') throw error;
      options.onRefused(`the cache in ${one.source} is not used: ${error.message}`);
    }
  }
  return sources;
}
