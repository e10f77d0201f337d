import type { Digest, TransferProgress } from '../../../contract/oci-types.ts';
import type { MadeLayer } from '../stage-state.ts';
import type { StepRecipe } from '../step-recipe.ts';
import type { LayerCache } from './layer-cache.ts';

/** What is known of the step, and by which key that was asked. */
export async function lookUp(
  cache: LayerCache,
  step: StepRecipe,
  onProgress?: (progress: TransferProgress) => void,
): Promise<{ readonly found: MadeLayer | 'missing' | 'evicted'; readonly key: Digest }> {
  const { metadataKey } = step;
  if (metadataKey !== undefined && !cache.hasSeen(metadataKey)) return { found: 'missing', key: metadataKey };
  const key = await step.contentKey();
  return { found: await cache.find(key, onProgress), key };
}
