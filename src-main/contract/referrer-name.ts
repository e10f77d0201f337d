import type { ImagePart, ImageReferrer } from './images-api.ts';
import { platformName, shortType } from './part-name.ts';

const WORDS: Readonly<Record<ImageReferrer['kind'], string>> = {
  signature: 'signature',
  attestation: 'attestation',
  sbom: 'SBOM',
  artifact: 'artifact',
};

/** `signature`, or `SBOM of linux/arm64 (text/spdx+json)` where an index names several images. */
export function referrerName(
  { kind, subject, types }: Pick<ImageReferrer, 'kind' | 'subject' | 'types'>,
  parts: readonly ImagePart[],
): string {
  const about = parts.find(({ digest }) => digest === subject)?.platform;
  const of = about === undefined ? '' : ` of ${platformName(about)}`;
  const what = types.length === 0 ? '' : ` (${types.map(shortType).join(', ')})`;
  return `${WORDS[kind]}${of}${what}`;
}
