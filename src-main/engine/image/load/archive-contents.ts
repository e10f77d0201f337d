import type { Digest } from '../../../contract/oci-types.ts';
import type { Toc } from '../../filetree/toc.ts';
import type { Ingest } from '../../store/blob-store.ts';

/** What was learned of a layer while it was read. */
export interface ReadLayer {
  readonly diffId: Digest;
  readonly toc: Toc;
}

/** A blob of an archive: verified, and written aside unless the store has it already or it is small enough to hold. */
export interface ArchiveBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** Ends with `commit` or `abort`; absent when the store has the blob. */
  readonly ingest?: Ingest | undefined;
  /** Bytes of what looks like a document. */
  readonly document?: Uint8Array | undefined;
  readonly layer?: ReadLayer | undefined;
  /** Why it is no layer, for the case that an image says it is. */
  readonly failure?: unknown;
}

/** All of an archive that matters, read once from its beginning to its end. */
export interface ArchiveContents {
  readonly blobs: Map<Digest, ArchiveBlob>;
  /** Small files beside the blobs by path: index.json, manifest.json, legacy configs. */
  readonly files: Map<string, Uint8Array>;
  /** Layers that lie beside `blobs/`, by path: compressed by us. */
  readonly legacyLayers: Map<string, ArchiveBlob>;
  readonly links: Map<string, string>;
}
