import type { BuildRequest } from '../../../../contract/builds-api.ts';
import { isEngineError } from '../../../../contract/errors.ts';
import type { LongOptions } from '../../../store/blob-store.ts';
import type { Store } from '../../../store/store.ts';
import { CREATED } from '../../output/image-document.ts';
import { openCacheSource, type CacheSource } from './open-cache-source.ts';

/** Opens those that can be used; of another one it tells why it is not, and the build does without it. */
export async function openCacheSources(
  store: Store,
  given: BuildRequest['cacheFrom'],
  options: LongOptions & { readonly onRefused: (text: string) => void },
): Promise<readonly CacheSource[]> {
  const sources: CacheSource[] = [];
  for (const one of given) {
    try {
      const source = await openCacheSource(one, options);
      noteCreated(store, source);
      sources.push(source);
    } catch (error) {
      if (!isEngineError(error) || error.code === 'CANCELLED') throw error;
      options.onRefused(`the cache in ${one.source} is not used: ${error.message}`);
    }
  }
  return sources;
}

/** An image of these steps was first made there. */
function noteCreated(store: Store, { document }: CacheSource): void {
  for (const { image, at } of document.created) {
    if (store.records.get(CREATED, image) === undefined) store.records.put(CREATED, image, Buffer.from(at));
  }
}
