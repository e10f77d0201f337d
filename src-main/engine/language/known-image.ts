import type { Platform } from '../../contract/oci-types.ts';
import { EngineError } from '../../contract/errors.ts';
import type { BaseImage } from '../dockerfile/evaluate-stage.ts';
import type { Image } from '../image/image.ts';
import { resolveImage, type ResolvedImage } from '../image/resolve-image.ts';
import { formatPlatform } from '../oci/platform.ts';
import { familiarReference, parseReference } from '../oci/reference.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';

/**
 * The image that a Dockerfile's name means, if the store has it; nothing is pulled. Undefined for a name with
 * variables, a stage's, and for an image that is not here or cannot be read: a build will tell.
 */
export async function knownImage(
  store: Store,
  name: string,
  options: LongOptions & { readonly platform?: Platform | undefined } = {},
): Promise<ResolvedImage | undefined> {
  try {
    return await resolveImage(store, familiarReference(parseReference(name)), options);
  } catch (error) {
    if (error instanceof EngineError && error.code !== 'CANCELLED') return undefined;
    throw error;
  }
}

/** What the language asks about an image. */
export function toBaseImage(image: Image): BaseImage {
  const { Env, Shell, OnBuild } = image.config.config ?? {};
  return {
    platform: formatPlatform(image.platform),
    environment: new Map((Env ?? []).map(splitOnce)),
    shell: Shell ?? undefined,
    onbuild: OnBuild ?? undefined,
  };
}

function splitOnce(entry: string): [string, string] {
  const at = entry.indexOf('=');
  return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
}
