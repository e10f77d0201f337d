import type { HistoryRow } from '../../contract/images-api.ts';
import type { Image } from './image.ts';

/** The history, oldest first, each entry with its layer. Layers that no entry tells of come last. */
export function historyRows({ config, layers }: Image): HistoryRow[] {
  let next = 0;
  const rows = (config.history ?? []).map((entry): HistoryRow => {
    const layer = entry.empty_layer === true ? undefined : layers[next];
    const position = next;
    if (layer !== undefined) next += 1;
    return {
      createdBy: entry.created_by ?? '',
      ...(entry.created === undefined ? {} : { createdAt: entry.created }),
      ...(entry.comment === undefined ? {} : { comment: entry.comment }),
      emptyLayer: layer === undefined,
      ...(layer === undefined ? {} : { layer: position }),
      sizeBytes: layer?.descriptor.size ?? 0,
    };
  });
  const untold = layers.slice(next).map(({ descriptor }, i): HistoryRow => {
    return { createdBy: '', emptyLayer: false, layer: next + i, sizeBytes: descriptor.size };
  });
  return [...rows, ...untold];
}
