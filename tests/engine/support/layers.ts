import { openLayerWriter } from '../../../src-main/engine/filetree/open-layer-writer.ts';
import type { StoredLayer } from '../../../src-main/engine/filetree/layer-writer.ts';
import type { Compression } from '../../../src-main/engine/oci/media-types.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { createTarEntry, type TarEntry } from '../../../src-main/engine/tar/tar-entry.ts';

/** An entry with its content. */
export interface Member {
  readonly entry: TarEntry;
  readonly content?: Uint8Array;
}

export function file(path: string, text: string | Uint8Array = '', more: Partial<TarEntry> = {}): Member {
  const content = typeof text === 'string' ? Buffer.from(text) : text;
  return { entry: createTarEntry({ path, type: 'file', sizeBytes: content.length, ...more }), content };
}

export function folder(path: string, more: Partial<TarEntry> = {}): Member {
  return { entry: createTarEntry({ path, type: 'directory', ...more }) };
}

export function symlink(path: string, link: string): Member {
  return { entry: createTarEntry({ path, type: 'symlink', link }) };
}

export function hardlink(path: string, link: string): Member {
  return { entry: createTarEntry({ path, type: 'hardlink', link }) };
}

/** Writes a layer of these members in this order. */
export async function writeLayer(
  store: Store,
  members: readonly Member[],
  compression: Compression = 'gzip',
): Promise<StoredLayer> {
  const writer = await openLayerWriter(store, { compression });
  try {
    for (const { entry, content } of members) await writer.add(entry, content);
    return await writer.commit();
  } finally {
    await writer.abort();
  }
}
