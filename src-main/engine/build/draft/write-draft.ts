import type { LayerWriter, StoredLayer } from '../../filetree/layer-writer.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { LayerDraft } from './layer-draft.ts';

/**
 * Writes the draft as a layer in one pass over the content, and tells each source the digest of what was read. The
 * writer is ended in any case.
 */
export async function writeDraft(
  draft: LayerDraft,
  writer: LayerWriter,
  options: LongOptions & { readonly onProgress?: ((entries: number, bytes: number) => void) | undefined },
): Promise<StoredLayer> {
  try {
    const entries = draft.entries();
    for (const { entry, node } of entries) {
      options.signal?.throwIfAborted();
      if (entry.type === 'file') await writer.add(entry, node.open?.(options) ?? new Uint8Array());
      else await writer.add(entry);
      options.onProgress?.(writer.progress.entries, writer.progress.bytes);
    }
    const stored = await writer.commit();
    teachDigests(draft, stored);
    return stored;
  } finally {
    await writer.abort();
  }
}

function teachDigests(draft: LayerDraft, stored: StoredLayer): void {
  const digests = new Map(stored.toc.entries.map((entry) => [entry.path, entry.contentDigest]));
  for (const { entry, node } of draft.entries()) {
    const digest = digests.get(entry.path);
    if (digest !== undefined && entry.type === 'file') node.learn?.(digest);
  }
}
