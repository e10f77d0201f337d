import { join } from 'node:path';
import { digestOfPartial, receivingKey } from './partial-blobs.ts';
import type { StoreParts } from './store-parts.ts';

/** A partly received blob that nobody receives now. */
export interface PartialBlob {
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

/** How long a part waits for someone to go on with it. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
/** All parts together; the ones that were received last stay. */
const KEPT_BYTES = 16 * 1024 ** 3;

/** Parts that nobody is receiving now, the latest first. */
export function idlePartials({ layout, files, claims }: StoreParts): readonly PartialBlob[] {
  return files
    .listSync(layout.ingest)
    .flatMap((name) => {
      const digest = digestOfPartial(name);
      if (digest === undefined || claims.isClaimed(receivingKey(digest))) return [];
      const path = join(layout.ingest, name);
      const status = files.statSync(path);
      return status === undefined ? [] : [{ path, sizeBytes: status.sizeBytes, mtimeMs: status.mtimeMs }];
    })
    .sort((a, b) => b.mtimeMs - a.mtimeMs);
}

/** Those that have waited too long, or are more than is kept. */
export function stalePartials(partials: readonly PartialBlob[], nowMs: number): readonly PartialBlob[] {
  let sum = 0;
  return partials.filter(({ sizeBytes, mtimeMs }) => {
    sum += sizeBytes;
    return sum > KEPT_BYTES || nowMs - mtimeMs > KEPT_MS;
  });
}
