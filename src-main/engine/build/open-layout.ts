import { EngineError } from '../../contract/errors.ts';
import type { Platform } from '../../contract/oci-types.ts';
import type { Image } from '../image/image.ts';
import { loadArchive, type LoadResult } from '../image/load/load-archive.ts';
import { openImage } from '../image/open-image.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { BuildDeps } from './build-run.ts';
import type { ContextSource } from './context/context-source.ts';

/** The image of an OCI layout on the host, taken into the store without moving any tag. */
export async function openLayout(
  deps: BuildDeps,
  source: Extract<ContextSource, { kind: 'layout' }>,
  platform: Platform,
  options: LongOptions,
): Promise<Image> {
  const { images } = await loadArchive(deps.store, source.path, { ...options, moveTags: false });
  const chosen = source.reference === undefined ? images[0] : images.find(isNamed(source.reference));
  if (chosen !== undefined) return openImage(deps.store, chosen.digest, { ...options, platform });
  throw new EngineError('NOT_FOUND', `${source.path} has no image ${source.reference ?? ''}`, {
    hint: `It has: ${images.map(({ names, digest }) => names[0] ?? digest).join(', ')}.`,
  });
}

/** `:tag`, `@digest` or both, as it stands after the folder's path. */
function isNamed(reference: string): (image: LoadResult['images'][number]) => boolean {
  const [tag = '', digest] = reference.split('@');
  return ({ names, digest: own }) =>
    digest === undefined ? names.some((name) => name.endsWith(tag)) : own === digest;
}
