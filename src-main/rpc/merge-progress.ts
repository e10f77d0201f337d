import type { BuildEvent } from '../contract/builds-api.ts';

type Output = Extract<BuildEvent, { type: 'step-output' }>;

/**
 * A shorter list that says the same: neighbouring pieces of one step's output on one stream become one piece.
 * Nothing is dropped and nothing changes places.
 */
export function mergeProgress(items: readonly unknown[]): unknown[] {
  const merged: unknown[] = [];
  for (const item of items) {
    const last = merged.at(-1);
    if (isOutput(item) && isOutput(last) && item.step === last.step && item.stream === last.stream) {
      merged[merged.length - 1] = { ...last, text: last.text + item.text };
    } else {
      merged.push(item);
    }
  }
  return merged;
}

function isOutput(item: unknown): item is Output {
  return typeof item === 'object' && item !== null && 'type' in item && item.type === 'step-output';
}
