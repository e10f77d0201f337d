import { EngineError, isEngineError, type ErrorCode } from '../../contract/errors.ts';
import type { Platform } from '../../contract/oci-types.ts';
import type { Image } from '../image/image.ts';
import { nearNames } from '../image/near-names.ts';
import { resolveImage } from '../image/resolve-image.ts';
import { familiarReference, parseReference } from '../oci/reference.ts';
import type { BuildDeps, PullOptions } from './build-run.ts';

/** Failures that only mean that the image cannot be had. */
const PULL_FAILURES: ReadonlySet<ErrorCode> = new Set(['NOT_FOUND', 'REGISTRY', 'UNAUTHORIZED']);

/**
 * The image that FROM or `--from` names: the store's, else what `resolveBase` gets. NOT_FOUND says which images of
 * the store have a name like it.
 */
export async function openBase(
  deps: BuildDeps,
  name: string,
  platform: Platform,
  options: PullOptions,
): Promise<Image> {
  const found = await openLocal(deps, name, platform);
  if (!(found instanceof EngineError)) return found;
  if (isTagged(deps, name)) throw found;
  const pulled = await pull(deps, name, platform, options);
  if (pulled instanceof EngineError) throw notFound(deps, name, pulled);
  return pulled;
}

/** The image from its registry, or why it cannot be had. */
async function pull(
  deps: BuildDeps,
  name: string,
  platform: Platform,
  options: PullOptions,
): Promise<Image | EngineError> {
  try {
    const pulled = await deps.resolveBase?.(name, platform, options);
    return pulled ?? new EngineError('NOT_FOUND', 'there is nowhere to pull it from');
  } catch (error) {
    if (isEngineError(error) && PULL_FAILURES.has(error.code)) return error;
    throw error;
  }
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

function notFound(deps: BuildDeps, name: string, pulled: EngineError): EngineError {
  const here = deps.store.tags.list().map((tag) => familiarReference(parseReference(tag.name)));
  const near = nearNames(familiarReference(parseReference(name)), here);
  const likely = near.length === 0 ? '' : `Near in the store: ${near.join(', ')}. `;
  return new EngineError('NOT_FOUND', `the image ${name} is not in the store: ${pulled.message}`, {
    hint: `${likely}Load it from an archive with varve load, or name a registry that has it.`,
    cause: pulled,
  });
}
