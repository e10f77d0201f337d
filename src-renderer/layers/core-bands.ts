import type { CoreEntry } from '../state/layers-screen.svelte.ts';

export interface Band {
  readonly entry: CoreEntry;
  readonly top: number;
  readonly height: number;
}

const GAP = 1.5;
const HAIRLINE = 3;
const THINNEST = 5;
const PX_A_DECADE = 34;

/**
 * Where each band of the core lies. A layer is as thick as the logarithm of its size, a step that made no layer is a
 * hairline; all together they fill at most `heightPx`, thinner ones first losing nothing.
 */
export function coreBands(entries: readonly CoreEntry[], heightPx: number): readonly Band[] {
  const wanted = entries.map(wantedHeight);
  const fixed = entries.reduce((sum, entry) => sum + (entry.kind === 'layer' ? GAP + THINNEST : HAIRLINE), 0);
  const flexible = wanted.reduce((sum, height) => sum + height, 0);
  const scale = flexible === 0 ? 0 : Math.min(1, Math.max(0, heightPx - fixed) / flexible);
  let top = 0;
  return entries.map((entry, index) => {
    const layer = entry.kind === 'layer';
    const height = layer ? THINNEST + (wanted[index] ?? 0) * scale : HAIRLINE;
    const band = { entry, top, height };
    top += height + (layer ? GAP : 0);
    return band;
  });
}

/** Above the thinnest: nothing up to 1 kB, then so many pixels a power of ten. */
function wantedHeight(entry: CoreEntry): number {
  if (entry.kind === 'metadata') return 0;
  const bytes = entry.layer.unpackedBytes ?? entry.layer.sizeBytes;
  return Math.max(0, Math.log10(Math.max(1, bytes)) - 3) * PX_A_DECADE;
}
