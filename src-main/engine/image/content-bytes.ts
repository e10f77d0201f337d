import type { Manifest } from '../oci/manifest.ts';

/** The bytes of config and layers, each blob once. */
export function contentBytes({ config, layers }: Manifest): number {
  const sizes = new Map([config, ...layers].map(({ digest, size }) => [digest, size]));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
