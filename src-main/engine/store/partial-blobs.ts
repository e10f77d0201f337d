import { join } from 'node:path';
import type { Digest } from '../../contract/oci-types.ts';
import { isDigest } from '../oci/digest.ts';
import type { Layout } from './layout.ts';
import type { StoreParts } from './store-parts.ts';

/** A blob of which some bytes have been received, in `ingest/` under a name made of its digest. */
export interface PartialBlob {
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

const PREFIX = 'partial.';
/** How long a part waits for someone to go on with it. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
/** All parts together; the ones that were received last stay. */
const KEPT_BYTES = 16 * 1024 ** 3;

/** Only a parsed digest may come here (S7). */
export function partialPath(layout: Layout, digest: Digest): string {
  return join(layout.ingest, `${PREFIX}${digest.replace(':', '.')}`);
}

/** The claim of who receives a blob. */
export function receivingKey(digest: Digest): string {
  return `receive ${digest}`;
}

export function isPartialName(name: string): boolean {
  return digestOfPartial(name) !== undefined;
}

function digestOfPartial(name: string): Digest | undefined {
  if (!name.startsWith(PREFIX)) return undefined;
  const digest = name.slice(PREFIX.length).replace('.', ':');
  return isDigest(digest) ? digest : undefined;
}

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
