import type { Digest } from '../../contract/oci-types.ts';
import type { BlobFiles } from './blob-files.ts';
import type { BlobsTable } from './blobs-table.ts';
import type { ClaimsTable } from './claims-table.ts';
import type { Documents, Root } from './documents.ts';
import type { FileSystem } from './file-system.ts';
import type { ImagesTable } from './images-table.ts';
import type { Layout } from './layout.ts';
import type { LeasesTable } from './leases-table.ts';
import type { Database } from './metadata.ts';
import type { RecordsTable } from './records-table.ts';
import type { ReferrersTable } from './referrers-table.ts';
import type { TagsTable } from './tags-table.ts';

/** What a store is made of, for the operations that need all of it. */
export interface StoreParts {
  readonly layout: Layout;
  readonly files: FileSystem;
  readonly main: Database;
  readonly blobs: BlobFiles;
  readonly blobsTable: BlobsTable;
  readonly documents: Documents;
  readonly images: ImagesTable;
  readonly referrers: ReferrersTable;
  readonly tags: TagsTable;
  readonly records: RecordsTable;
  readonly leases: LeasesTable;
  readonly claims: ClaimsTable;
  readonly now: () => number;
  /** Tells listeners, in every process, that something changed; within a transaction of varve.db. */
  readonly changed: () => void;
}

/** A blob with the media type that its image record gives it. */
export function rootOf(images: ImagesTable, digest: Digest): Root {
  return { digest, mediaType: images.get(digest)?.mediaType };
}
