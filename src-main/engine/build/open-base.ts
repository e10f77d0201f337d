import { EngineError, isEngineError } from '../../contract/errors.ts';
import type { Platform } from '../../contract/oci-types.ts';
import type { Image } from '../image/image.ts';
import { nearNames } from '../image/near-names.ts';
import { resolveImage } from '../image/resolve-image.ts';
import { familiarReference, parseReference } from '../oci/reference.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { BuildDeps } from './build-run.ts';

/**
 * The image that FROM or `--from` names: the store's, else what `resolveBase` gets. NOT_FOUND says which images of
 * the store have a name like it.
 */
export async function openBase(
  deps: BuildDeps,
  name: string,
  platform: Platform,
  options: LongOptions,
): Promise<Image> {
  const found = await openLocal(deps, name, platform);
  if (!(found instanceof EngineError)) return found;
  const pulled = await deps.resolveBase?.(name, platform, options);
  if (pulled !== undefined) return pulled;
  throw isTagged(deps, name) ? found : notFound(deps, name);
}

async function openLocal(deps: BuildDeps, name: string, platform: Platform): Promise<Image | EngineError> {
  try {
    return (await resolveImage(deps.store, familiarReference(parseReference(name)), { platform })).image;
  } catch (error) {
    if (isEngineError(error, 'NOT_FOUND')) return error;
    throw error;
  }
}

function isTagged(deps: BuildDeps, name: string): boolean {
  return deps.store.tags.get({ ...parseReference(name), digest: undefined }) !== undefined;
}

function notFound(deps: BuildDeps, name: string): EngineError {
  const here = deps.store.tags.list().map((tag) => familiarReference(parseReference(tag.name)));
  const near = nearNames(familiarReference(parseReference(name)), here);
  const likely = near.length === 0 ? '' : `Near in the store: ${near.join(', ')}. `;
  return new EngineError('NOT_FOUND', `the image ${name} is not in the store`, {
    hint: `${likely}Get it with varve pull ${name}, or load it from an archive.`,
  });
}
