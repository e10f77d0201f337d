import type { FileRow } from '../../../src-main/contract/files-api.ts';

/** A file of an image as the engine tells it. */
export function fileRow(path: string, given: Partial<FileRow> = {}): FileRow {
  return {
    path,
    name: path.slice(path.lastIndexOf('/') + 1),
    type: 'file',
    change: 'unmodified',
    mode: 0o644,
    uid: 0,
    gid: 0,
    sizeBytes: 10,
    mtime: 1_790_000_000,
    children: 0,
    layer: 0,
    ...given,
  };
}
