import type { RootFs } from '../../filetree/root-fs.ts';
import type { MembersOptions } from '../../image/save/layout-members.ts';

/** Passes on what is read of the files of a root file system, and tells how much of all there is that was. */
export function contentCounter(
  rootFs: RootFs,
  { onProgress }: MembersOptions,
): (content: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array> {
  const totalBytes = contentBytes(rootFs);
  let bytes = 0;
  return async function* (content) {
    for await (const chunk of content) {
      bytes += chunk.length;
      onProgress?.({ what: 'export', bytes, totalBytes });
      yield chunk;
    }
  };
}

/** Of all files, each content once however many names it has. */
function contentBytes(rootFs: RootFs): number {
  const seen = new Set<string>();
  let bytes = 0;
  for (const { entry, inode } of rootFs.walk('/')) {
    if ((entry.type !== 'file' && entry.type !== 'hardlink') || seen.has(inode)) continue;
    seen.add(inode);
    bytes += entry.sizeBytes;
  }
  return bytes;
}
