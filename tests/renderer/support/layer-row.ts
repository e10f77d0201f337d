import type { LayerRow } from '../../../src-main/contract/images-api.ts';
import { digestOf } from './image-row.ts';

/** A layer of an image as the engine tells it. */
export function layerRow(position: number, given: Partial<LayerRow> = {}): LayerRow {
  return {
    position,
    digest: digestOf(String(position % 10)),
    diffId: digestOf('d'),
    chainId: digestOf('c'),
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    sizeBytes: 400,
    unpackedBytes: 1000,
    origin: 'copy',
    added: 1,
    modified: 0,
    removed: 0,
    wastedBytes: 0,
    ...given,
  };
}
