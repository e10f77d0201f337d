import type { Store } from '../../../store/store.ts';
import { CREATED } from '../../output/image-document.ts';
import type { CacheSource } from './open-cache-source.ts';

/** An image of the steps of a cache was first made where the cache was. */
export function noteCreated(store: Store, { document }: CacheSource): void {
  for (const { image, at } of document.created) {
    if (store.records.get(CREATED, image) === undefined) store.records.put(CREATED, image, Buffer.from(at));
  }
}
