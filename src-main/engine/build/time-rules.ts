import type { BuildRequest } from '../../contract/builds-api.ts';
import type { Digest } from '../../contract/oci-types.ts';
import type { LayerStack } from '../sandbox/sandbox.ts';
import { cacheKey } from './cache/cache-key.ts';
import type { WorkKind } from './work-limits.ts';

type TimeRequest = Pick<BuildRequest, 'sourceDateEpoch' | 'reproducible'>;

/** The instant that stands for now (seconds since 1970): SOURCE_DATE_EPOCH, and 0 when the build is reproducible. */
export function epochOf(request: TimeRequest): number | undefined {
  return request.sourceDateEpoch ?? (request.reproducible ? 0 : undefined);
}

/** No entry of a new layer is younger than this; undefined when layers keep their times. */
export function latestTime(request: TimeRequest): number | undefined {
  return request.reproducible ? epochOf(request) : undefined;
}

/**
 * The key of a step with what is asked of its layer's times, so that a layer with other times is never taken. What a
 * command makes keeps its own times unless the build is reproducible; then the times below it count too, which a
 * program may have read.
 */
export function timedKey(
  request: TimeRequest,
  step: { readonly work: WorkKind; readonly layers: LayerStack },
  key: Digest,
): Digest {
  const epoch = epochOf(request);
  if (epoch === undefined) return key;
  if (request.reproducible)
    return cacheKey(
      'clamped',
      epoch,
      step.layers.map(({ diffId }) => diffId),
      key,
    );
  return step.work === 'command' ? key : cacheKey('epoch', epoch, key);
}
