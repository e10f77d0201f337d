import { createReadStream } from 'node:fs';
import { applyArchive, type ArchiveOptions } from '../draft/apply-archive.ts';
import { DEFAULT_FOLDER_MODE } from '../draft/apply-copy.ts';
import { draftTree } from '../draft/draft-tree.ts';
import { LayerDraft } from '../draft/layer-draft.ts';
import type { SourceTree } from '../source/source-tree.ts';

/**
 * A tar, plain or compressed, as a build context: its entries with their owners, special modes and devices, of which
 * a folder of this machine could keep none. The plain tar lies in a temporary file until `cleanUp`.
 */
export async function archiveTree(path: string, name: string, options: ArchiveOptions): Promise<SourceTree> {
  const draft = new LayerDraft(undefined);
  const rules = {
    owner: undefined,
    chmod: undefined,
    folderMode: DEFAULT_FOLDER_MODE,
    mtime: undefined,
    now: Math.floor(Date.now() / 1000),
  };
  await applyArchive(draft, { content: createReadStream(path), destination: '/' }, rules, options);
  return draftTree(draft, name);
}
