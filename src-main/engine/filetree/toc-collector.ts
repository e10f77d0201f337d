import type { Digest } from '../../contract/oci-types.ts';
import type { TarEntry } from '../tar/tar-entry.ts';
import { tocContentDigest } from './toc-content-digest.ts';
import type { BlockMap, Toc, TocEntry } from './toc.ts';

/** Puts a table of contents together while a layer is written or read. */
export interface TocCollector {
  add(entry: TarEntry, contentOffset: number, contentDigest: Digest | undefined): void;
  finish(layer: {
    readonly diffId: Digest;
    readonly unpackedBytes: number;
    readonly blocks: BlockMap | undefined;
  }): Toc;
}

export function createTocCollector(): TocCollector {
  const entries: TocEntry[] = [];
  return {
    add: (entry, contentOffset, contentDigest) =>
      void entries.push({ ...entry, contentOffset, contentDigest }),
    finish: (layer) => ({ ...layer, entries, contentDigest: tocContentDigest(entries) }),
  };
}
