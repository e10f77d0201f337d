import { EngineError } from '../../contract/errors.ts';

/** How a layer says that something below it is gone (image-spec, layer.md#whiteouts). */
const PREFIX = '.wh.';
const OPAQUE_NAME = '.wh..wh..opq';

/** What the name of an entry means: that `path` below is removed, or that all the folder `path` held below is. */
export interface Whiteout {
  readonly kind: 'removed' | 'opaque';
  readonly path: string;
}

/**
 * The whiteout that an entry's path stands for, or undefined for an ordinary entry and for AUFS's own files (see
 * `isAufsMetadata`). CORRUPT when it would remove its own folder or the one above.
 */
export function parseWhiteout(path: string): Whiteout | undefined {
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  if (!name.startsWith(PREFIX)) return undefined;
  const folder = slash < 0 ? '' : path.slice(0, slash);
  if (name === OPAQUE_NAME) return { kind: 'opaque', path: folder };
  if (isAufsName(name)) return undefined;
  const removed = name.slice(PREFIX.length);
  if (removed === '' || removed === '.' || removed === '..') {
    throw new EngineError(
      'CORRUPT',
      `the whiteout ${JSON.stringify(path)} names nothing that can be removed`,
    );
  }
  return { kind: 'removed', path: folder === '' ? removed : `${folder}/${removed}` };
}

/** The path of the entry that removes `path`. */
export function formatWhiteout(path: string): string {
  const slash = path.lastIndexOf('/') + 1;
  return `${path.slice(0, slash)}${PREFIX}${path.slice(slash)}`;
}

/** The path of the entry that hides all that lower layers have in `folder` ('' is the root). */
export function formatOpaque(folder: string): string {
  return folder === '' ? OPAQUE_NAME : `${folder}/${OPAQUE_NAME}`;
}

/** True for AUFS's own files (`.wh..wh.aufs`, `.wh..wh.plnk`…): part of no image, to be passed over. */
export function isAufsMetadata(path: string): boolean {
  return path.split('/').some((name) => name !== OPAQUE_NAME && isAufsName(name));
}

function isAufsName(name: string): boolean {
  return name.startsWith('.wh..wh.');
}
