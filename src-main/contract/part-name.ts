import type { ImagePart } from './images-api.ts';

/** `linux/arm64`, or `attestation of linux/arm64 (provenance, SPDX)`: never an unknown platform. */
export function partName({ kind, platform, subject, types }: ImagePart, all: readonly ImagePart[]): string {
  if (kind === 'image') return platform === undefined ? 'image' : platformName(platform);
  const about = all.find(({ digest }) => digest === subject)?.platform;
  const of = about === undefined ? '' : ` of ${platformName(about)}`;
  const what = types.length === 0 ? '' : ` (${types.map(shortType).join(', ')})`;
  return `${kind === 'attestation' ? 'attestation' : 'artifact'}${of}${what}`;
}

export function platformName({ os, architecture, variant }: NonNullable<ImagePart['platform']>): string {
  return [os, architecture, variant].filter((part) => part !== undefined).join('/');
}

/** `https://slsa.dev/provenance/v1` is `slsa.dev/provenance/v1`. */
export function shortType(type: string): string {
  return type.replace(/^https?:\/\//, '');
}
