import type { Digest } from '../../contract/oci-types.ts';
import { digestOf } from './digest.ts';

/** The chain IDs of a stack of layers, bottom first (image-spec, config.md#layer-chainid). */
export function chainIds(diffIds: readonly Digest[]): readonly Digest[] {
  const chain: Digest[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push(below === undefined ? diffId : digestOf(`${below} ${diffId}`));
  }
  return chain;
}
