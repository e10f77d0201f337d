import type { Digest } from '../../contract/oci-types.ts';
import { isEngineError } from '../../contract/errors.ts';
import type { Store } from '../store/store.ts';
import { decodeToc, encodeToc, type PlainToc } from './toc-codec.ts';

const KIND = 'toc';

/** Keeps a table of contents by its diff ID. */
export async function putTocRecord(store: Store, toc: PlainToc): Promise<void> {
  store.records.put(KIND, toc.diffId, await encodeToc(toc));
}

/** Undefined when there is none, also when it is damaged: it can be made again (R5). */
export async function getTocRecord(store: Store, diffId: Digest): Promise<PlainToc | undefined> {
  const bytes = store.records.get(KIND, diffId);
  if (bytes === undefined) return undefined;
  try {
    const toc = await decodeToc(bytes);
    return toc.diffId === diffId ? toc : undefined;
  } catch (error) {
    if (isEngineError(error, 'CORRUPT')) return undefined;
    throw error;
  }
}
