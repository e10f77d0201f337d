import type { Digest } from '../../../contract/oci-types.ts';
import { tocContentDigest } from '../../filetree/toc-content-digest.ts';
import type { Toc, TocEntry } from '../../filetree/toc.ts';
import { digestOf } from '../../oci/digest.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { DraftEntry, LayerDraft } from '../draft/layer-draft.ts';
import { digestOfContent } from '../source/digest-of-content.ts';

/** The table of contents that the draft's layer would have, but for where its bytes are: nothing is written. */
export async function draftToc(draft: LayerDraft, options: LongOptions): Promise<Toc> {
  const entries: TocEntry[] = [];
  for (const { entry, node } of draft.entries()) {
    const contentDigest = entry.type === 'file' ? await digestOfNode(node, options) : undefined;
    entries.push({ ...entry, contentOffset: 0, contentDigest });
  }
  const contentDigest = tocContentDigest(entries);
  // Stands for the diff ID, which also tells times: equal drafts share their trees.
  const diffId = digestOf(`foreseen ${contentDigest}`);
  return { diffId, unpackedBytes: 0, entries, blocks: undefined, contentDigest };
}

function digestOfNode(node: DraftEntry['node'], options: LongOptions): Promise<Digest> {
  return node.digest?.(options) ?? digestOfContent(node.open?.(options) ?? new Uint8Array());
}
