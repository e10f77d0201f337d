import { dirname } from 'node:path';
import type { Digest } from '../../contract/oci-types.ts';
import type { FileSystem, OpenFile } from './file-system.ts';

/** A complete, synced file that waits to be published. */
export interface FinishedFile {
  readonly path: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/**
 * The one place that decides what is synced to disk, and when (R1, R11). A file is published by
 * `publishAll` only: its bytes are on disk before its name is, and its name before anyone hears of it. A failed sync
 * condemns the file: it is never tried again and trusted.
 */
export interface DurableFiles {
  /** Syncs and closes a file that is complete. After a rejection the file is worth nothing. */
  finish(file: OpenFile): Promise<void>;
  /** Gives finished files their names and syncs each folder once. Replacing is atomic; all are on one file system. */
  publishAll(renames: readonly { readonly from: string; readonly to: string }[]): Promise<void>;
}

const READ_ONLY = 0o444;

export function createDurableFiles(files: FileSystem): DurableFiles {
  return {
    finish: async (file) => {
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    },
    publishAll: async (renames) => {
      for (const { from, to } of renames) {
        await files.chmod(from, READ_ONLY);
        await files.rename(from, to);
      }
      const folders = new Set(renames.map(({ to }) => dirname(to)));
      for (const folder of folders) await files.syncFolder(folder);
    },
  };
}
