import type { CoreEntry } from '../state/layers-screen.svelte.ts';

export interface Band {
  readonly entry: CoreEntry;
  readonly top: number;
  readonly height: number;
}

const GAP = 1.5;
const HAIRLINE = 3;
const THINNEST = 5;
const THICKEST = 150;

/**
 * Where each band of the core lies. A layer is as thick as the logarithm of its size, a step that made no layer is a
 * hairline; together they fill `heightPx`, unless that would make a band thicker than it is wide by far.
 */
export function coreBands(entries: readonly CoreEntry[], heightPx: number): readonly Band[] {
  const weights = entries.map(weightOf);
  const heaviest = Math.max(1, ...weights);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const fixed = entries.reduce((sum, entry) => sum + (entry.kind === 'layer' ? GAP + THINNEST : HAIRLINE), 0);
  const scale = total === 0 ? 0 : Math.min(THICKEST / heaviest, Math.max(0, heightPx - fixed) / total);
  let top = 0;
  return entries.map((entry, index) => {
    const layer = entry.kind === 'layer';
    const height = layer ? THINNEST + (weights[index] ?? 0) * scale : HAIRLINE;
    const band = { entry, top, height };
    top += height + (layer ? GAP : 0);
    return band;
  });
}

/** Powers of ten above ten bytes. */
function weightOf(entry: CoreEntry): number {
  if (entry.kind === 'metadata') return 0;
  const bytes = entry.layer.unpackedBytes ?? entry.layer.sizeBytes;
  return Math.max(0, Math.log10(Math.max(1, bytes)) - 1);
}
