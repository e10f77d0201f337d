import type { StoredLayer } from '../filetree/layer-writer.ts';
import { digestHex } from '../oci/digest.ts';
import { createTarEntry, type TarEntry } from '../tar/tar-entry.ts';

/** One overlay in the folder of a run, as what must be in that folder and the words of the script that mounts it. */
export interface OverlayPlan {
  /** Where the overlay's folders are, relative to the run's. */
  readonly folder: string;
  readonly entries: readonly TarEntry[];
  /** The overlay's lower folders for mount(8), topmost first, relative to its folder. */
  readonly lower: string;
}

export interface OverlayInput {
  /** Relative to the run's folder; '' is that folder itself. */
  readonly folder: string;
  /** The root folder's owner, mode and times. */
  readonly root: TarEntry;
  /** Targets of the lower folders' links, topmost first. */
  readonly lower: readonly string[];
}

/**
 * Plans an overlay. mount(8)'s options must fit a page of memory, so that each lower folder is named by a short link
 * (`l/2f`) and the mount is made from within the overlay's folder: room for some six hundred layers.
 */
export function planOverlay({ folder, root, lower }: OverlayInput): OverlayPlan {
  const path = (name: string): string => (folder === '' ? name : `${folder}/${name}`);
  const own = folder === '' ? [] : [createTarEntry({ path: folder, type: 'directory' })];
  const names = lower.map((_, index) => `l/${index.toString(36)}`);
  return {
    folder,
    lower: names.join(':'),
    entries: [
      ...own,
      ...['work', 'root', 'l'].map((name) => createTarEntry({ path: path(name), type: 'directory' })),
      { ...root, path: path('upper') },
      ...lower.map((link, index) =>
        createTarEntry({ path: path(names[index] ?? ''), type: 'symlink', link }),
      ),
    ],
  };
}

/**
 * The unpacked layers as seen from the folder `l` of an overlay, topmost first. An overlay refuses a folder that it
 * has twice; of equal layers the topmost says all that the others say, and a layer without entries says nothing.
 */
export function snapshotLinks(layers: readonly StoredLayer[], folder: string): readonly string[] {
  // From `l` to the overlay's folder, to the run's, to the engine's, to the snapshots.
  const depth = 3 + (folder === '' ? 0 : folder.split('/').length);
  const links = layers
    .filter(({ toc }) => toc.entries.length > 0)
    .map((layer) => `${'../'.repeat(depth)}${digestHex(layer.diffId)}`)
    .reverse();
  return [...new Set(links)];
}
