import { encodeTarEntry, TAR_END, tarPadding } from '../tar/encode-tar-entry.ts';
import type { TarEntry } from '../tar/tar-entry.ts';

export type TarContent = AsyncIterable<Uint8Array> | Uint8Array;

/** An entry and, for a file, its bytes. */
export interface TreeEntry {
  readonly entry: TarEntry;
  readonly content?: TarContent | undefined;
}

/** The bytes of an archive of these entries, for the host's tar. */
export async function* tarStream(
  entries: AsyncIterable<TreeEntry> | Iterable<TreeEntry>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const { entry, content } of entries) {
    yield encodeTarEntry(entry);
    if (entry.sizeBytes === 0 || content === undefined) continue;
    if (content instanceof Uint8Array) yield content;
    else yield* content;
    yield tarPadding(entry.sizeBytes);
  }
  yield TAR_END;
}

/** GNU tar, writing a tree with its owners, modes, times and attributes as an archive of ours names them. */
export const EXTRACT: readonly string[] = [
  'tar',
  '--extract',
  '--preserve-permissions',
  '--same-owner',
  '--numeric-owner',
  '--delay-directory-restore',
  '--xattrs',
  '--xattrs-include=*',
  '--warning=none',
];

/** GNU tar, reading a tree as a PAX archive. */
export const CREATE: readonly string[] = [
  'tar',
  '--create',
  '--format=posix',
  '--pax-option=delete=atime,delete=ctime',
  '--sort=name',
  '--numeric-owner',
  '--xattrs',
  '--xattrs-include=*',
];
