import type { Digest } from '../../../contract/oci-types.ts';

/** What cosign names by tags beside an image (sigstore/cosign, "Signature Specification"). */
const SUFFIXES = ['sig', 'att', 'sbom'] as const;

/** The tags under which cosign keeps what it says of a manifest or index, where that does not name its subject. */
export function cosignTags(subject: Digest): readonly string[] {
  return SUFFIXES.map((suffix) => `${subject.replace(':', '-')}.${suffix}`);
}
