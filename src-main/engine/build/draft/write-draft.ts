import type { FillEntry, LayerWriter, StoredLayer } from '../../filetree/layer-writer.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import { WRITTEN } from '../../tar/compress-blocks.ts';
import type { DraftEntry, DraftNode, LayerDraft } from './layer-draft.ts';

const REPORT_EVERY_MS = 100;

/** Told how far the writing has come, and what there is to write. */
export type OnWritten = (
  written: { readonly entries: number; readonly bytes: number },
  all: readonly DraftEntry[],
) => void;

/**
 * Writes the draft as a layer in one pass over the content, and tells each source the digest of what was read. The
 * writer is ended in any case.
 */
export async function writeDraft(
  draft: LayerDraft,
  writer: LayerWriter,
  options: LongOptions & { readonly onProgress?: OnWritten | undefined },
): Promise<StoredLayer> {
  const { signal, onProgress } = options;
  const entries = draft.entries();
  // Also within a large file, and however many small ones pass between two turns of the event loop.
  const report = (): void => onProgress?.(writer.progress, entries);
  const timer = setInterval(report, REPORT_EVERY_MS);
  try {
    for (const { entry, node } of entries) {
      signal?.throwIfAborted();
      // No promise of its own for what fits, of which there may be hundreds of thousands.
      const adding = entry.type === 'file' ? writer.add(entry, contentOf(node, signal)) : writer.add(entry);
      if (adding !== WRITTEN) await adding;
      report();
    }
    const stored = await writer.commit();
    teachDigests(entries, stored);
    return stored;
  } finally {
    clearInterval(timer);
    await writer.abort();
  }
}

function contentOf(node: DraftNode, signal: AbortSignal | undefined): FillEntry {
  return (into) => node.open?.({ signal, into }) ?? new Uint8Array();
}

/** The layer has the draft's entries in their order. */
function teachDigests(entries: readonly DraftEntry[], { toc }: StoredLayer): void {
  entries.forEach(({ node }, at) => {
    const digest = toc.entries[at]?.contentDigest;
    if (digest !== undefined) node.learn?.(digest);
  });
}
