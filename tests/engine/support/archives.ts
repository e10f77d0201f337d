import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeTarEntry, TAR_END, tarPadding } from '../../../src-main/engine/tar/encode-tar-entry.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import type { Member } from './layers.ts';
import { tempFolder } from './temp-store.ts';

/** A plain tar of these members in this order. */
export function tarOf(members: readonly Member[]): Buffer {
  const pieces = members.flatMap(({ entry, content = Buffer.alloc(0) }) => [
    encodeTarEntry(entry),
    content,
    tarPadding(content.length),
  ]);
  return Buffer.concat([...pieces, TAR_END]);
}

/** A file with these bytes, removed when the test has finished. */
export async function tempFile(bytes: Uint8Array, name = 'archive.tar'): Promise<string> {
  const path = join(await tempFolder(), name);
  await writeFile(path, bytes);
  return path;
}

/** All that can be seen of a store: to show that nothing has changed. */
export async function storeState(store: Store): Promise<object> {
  const blobs: string[] = [];
  for await (const { digest } of store.blobs.list()) blobs.push(digest);
  return { blobs: blobs.sort(), tags: store.tags.list(), images: store.images.list() };
}
