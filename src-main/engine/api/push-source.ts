import { EngineError, isEngineError } from '../../contract/errors.ts';
import type { Platform } from '../../contract/oci-types.ts';
import { openImage } from '../image/open-image.ts';
import { resolveRoot } from '../image/resolve-root.ts';
import { isIndexType } from '../oci/media-types.ts';
import { parseReference, type Reference } from '../oci/reference.ts';
import type { PushSource } from '../registry/push/choose-push.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';

export interface PushRequest {
  readonly ref: string;
  readonly target?: string | undefined;
  readonly allPlatforms?: boolean | undefined;
  readonly platform?: Platform | undefined;
}

/** What a push is to bring where. INVALID_INPUT when neither the image nor the target is a name. */
export async function findPushSource(
  store: Store,
  { ref, target, allPlatforms, platform }: PushRequest,
  options: LongOptions,
): Promise<{ readonly source: PushSource; readonly target: Reference }> {
  const { descriptor, name } = await resolveRoot(store, ref, options);
  const to = target === undefined ? name : parseReference(target);
  if (to === undefined) {
    throw new EngineError('INVALID_INPUT', `${ref} says no repository to push to`, {
      hint: 'Name one: varve push IMAGE registry/name:tag.',
    });
  }
  const named = to.tag !== undefined && target === undefined ? { ...to, digest: undefined } : to;
  if (!isIndexType(descriptor.mediaType)) return { source: { root: descriptor }, target: named };
  if (platform !== undefined) {
    const { descriptor: root } = await openImage(store, descriptor.digest, { ...options, platform });
    return { source: { root }, target: named };
  }
  if (allPlatforms === true) return { source: { root: descriptor }, target: named };
  return {
    source: { root: descriptor, alone: await imageAlone(store, descriptor.digest, options) },
    target: named,
  };
}

/** The image for this machine, or the only one that is here; undefined when there is none. */
async function imageAlone(
  store: Store,
  digest: PushSource['root']['digest'],
  options: LongOptions,
): Promise<PushSource['alone']> {
  try {
    return (await openImage(store, digest, options)).descriptor;
  } catch (error) {
    if (isEngineError(error) && error.code !== 'CANCELLED') return undefined;
    throw error;
  }
}
