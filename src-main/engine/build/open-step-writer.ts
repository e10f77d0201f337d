import type { Digest } from '../../contract/oci-types.ts';
import { clampTimes } from '../filetree/clamp-times.ts';
import type { LayerWriter } from '../filetree/layer-writer.ts';
import { openLayerWriter } from '../filetree/open-layer-writer.ts';
import type { Compression } from '../oci/media-types.ts';
import type { BuildRun } from './build-run.ts';
import { latestTime } from './time-rules.ts';

/** Writes a layer whose times are as the request asks; for `place` see the layer writer. */
export async function openStepWriter(
  run: BuildRun,
  compression: Compression,
  place?: Digest,
): Promise<LayerWriter> {
  const { store } = run.deps;
  return clampTimes(
    await openLayerWriter(store, { compression, place, signal: run.signal }),
    latestTime(run.request),
  );
}
