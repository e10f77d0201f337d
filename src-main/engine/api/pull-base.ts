import type { BuildDeps } from '../build/build-run.ts';
import type { Image } from '../image/image.ts';
import { createImage } from '../image/open-image.ts';
import { parseImageConfig } from '../oci/image-config.ts';
import { parseManifest } from '../oci/manifest.ts';
import { lookUpImage, type LookedUpImage } from '../registry/pull/look-up-image.ts';
import { pullImage, type PullParts } from '../registry/pull/pull-image.ts';
import { recordPull } from '../store/record-pull.ts';

/**
 * How a build gets an image from a registry: what it says of itself first, all of it when it is needed. Then it is
 * recorded under its name.
 */
export function createBasePull(parts: PullParts): NonNullable<BuildDeps['resolveBase']> {
  return async (reference, platform, { signal }) => {
    const found = await lookUpImage(parts, reference, { platform, signal });
    const { digest } = found.plan.named;
    const wish = { kind: 'platform', platform, attestations: false } as const;
    return {
      digest,
      image: imageOf(found),
      pull: async (options) => {
        await pullImage(parts, { ...reference, digest }, { ...options, wish, plan: found.plan });
        recordPull(parts.store, reference, digest);
      },
    };
  };
}

function imageOf({ plan, config }: LookedUpImage): Image {
  const { digest, mediaType, bytes } = plan.manifest;
  const descriptor = { mediaType, digest, size: bytes.length };
  return createImage(descriptor, parseManifest(bytes), parseImageConfig(config));
}
