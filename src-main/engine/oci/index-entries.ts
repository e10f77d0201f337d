import type { Digest, Platform } from '../../contract/oci-types.ts';
import type { Descriptor } from './descriptor.ts';
import { isDigest } from './digest.ts';
import { isSamePlatform, plainPlatform } from './platform.ts';

/** Attestations and the like: not for any machine. */
const UNKNOWN = 'unknown';

/** What an entry of an index that is no image says of another one (BuildKit, "Image attestation storage"). */
export interface Attestation {
  /** The image in the same index that it is about. */
  readonly subject: Digest | undefined;
  /** `attestation-manifest`. */
  readonly kind: string;
}

/** Undefined for an image. */
export function attestationOf({ platform, annotations }: Descriptor): Attestation | undefined {
  const kind = annotations?.['vnd.docker.reference.type'];
  if (kind === undefined && platform?.os !== UNKNOWN) return undefined;
  const subject = annotations?.['vnd.docker.reference.digest'] ?? '';
  return { subject: isDigest(subject) ? subject : undefined, kind: kind ?? UNKNOWN };
}

/** The entries of an index that are images for a machine. */
export function imageEntries(manifests: readonly Descriptor[]): readonly Descriptor[] {
  return manifests.filter((entry) => attestationOf(entry) === undefined);
}

/** An entry's platform without what nobody chooses by. */
export function entryPlatform(entry: Descriptor | undefined): Platform | undefined {
  return entry?.platform === undefined ? undefined : plainPlatform(entry.platform);
}

/** The entries that are images for this platform. */
export function entriesFor(manifests: readonly Descriptor[], wanted: Platform): readonly Descriptor[] {
  return imageEntries(manifests).filter((entry) => {
    const own = entryPlatform(entry);
    return own !== undefined && isSamePlatform(own, wanted);
  });
}
