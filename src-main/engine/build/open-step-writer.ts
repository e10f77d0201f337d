import { clampTimes } from '../filetree/clamp-times.ts';
import type { LayerWriter } from '../filetree/layer-writer.ts';
import { openLayerWriter } from '../filetree/open-layer-writer.ts';
import type { Compression } from '../oci/media-types.ts';
import type { BuildRun } from './build-run.ts';
import { latestTime } from './time-rules.ts';

/** Writes a layer whose times are as the request asks. */
export async function openStepWriter(run: BuildRun, compression: Compression): Promise<LayerWriter> {
  const { store } = run.deps;
  return clampTimes(
    await openLayerWriter(store, { compression, signal: run.signal }),
    latestTime(run.request),
  );
}
