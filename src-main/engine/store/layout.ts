import { join } from 'node:path';
import type { Digest } from '../../contract/oci-types.ts';
import { digestAlgorithm, digestHex } from '../oci/digest.ts';

/** Where everything of a store is. `blobs` is exactly that of an OCI image layout. */
export interface Layout {
  readonly root: string;
  readonly blobs: string;
  readonly ingest: string;
  readonly trash: string;
  readonly snapshots: string;
  readonly cacheMounts: string;
  /** Records of builds. */
  readonly builds: string;
  /** Tags, history, images, blobs: what must survive. */
  readonly database: string;
  /** Records that may be lost at any time (R5). */
  readonly cache: string;
  /** Leases and the processes that have the store open: worth nothing after a restart. */
  readonly leases: string;
}

export function createLayout(root: string): Layout {
  return {
    root,
    blobs: join(root, 'blobs'),
    ingest: join(root, 'ingest'),
    trash: join(root, 'trash'),
    snapshots: join(root, 'snapshots'),
    cacheMounts: join(root, 'cache-mounts'),
    builds: join(root, 'builds'),
    database: join(root, 'varve.db'),
    cache: join(root, 'cache.db'),
    leases: join(root, 'leases.db'),
  };
}

export function blobFolder(layout: Layout, digest: Digest): string {
  return join(layout.blobs, digestAlgorithm(digest));
}

/** Only a parsed digest may come here (S7). */
export function blobPath(layout: Layout, digest: Digest): string {
  return join(blobFolder(layout, digest), digestHex(digest));
}
