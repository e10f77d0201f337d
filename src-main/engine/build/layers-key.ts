import type { Digest, TransferProgress } from '../../contract/oci-types.ts';
import type { LayerStack } from '../sandbox/sandbox.ts';
import type { BuildRun } from './build-run.ts';
import { EMPTY_KEY, keyWithLayer } from './stage-state.ts';

/** Stands for what the layers hold, whoever made them. */
export async function layersKey(
  run: BuildRun,
  layers: LayerStack,
  onProgress?: (progress: TransferProgress) => void,
): Promise<Digest> {
  let key = EMPTY_KEY;
  for (const layer of layers) {
    key = keyWithLayer(key, await run.contentOf(layer, onProgress));
  }
  return key;
}
