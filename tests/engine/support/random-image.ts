import type { Image } from '../../../src-main/engine/image/image.ts';
import { writeImage } from '../../../src-main/engine/image/write-image.ts';
import { hostPlatform } from '../../../src-main/engine/oci/platform.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { file, folder, writeLayer, type Member } from './layers.ts';

/** Numbers that look random and are the same for the same seed. */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function randomBytes(next: () => number, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => Math.floor(next() * 256));
}

function randomMembers(next: () => number, files: number): readonly Member[] {
  const members: Member[] = [folder('data'), folder('data/deep')];
  for (let i = 0; i < files; i++) {
    const path = `${next() < 0.5 ? 'data' : 'data/deep'}/file-${Math.floor(next() * 1e6)}`;
    members.push(file(path, randomBytes(next, Math.floor(next() * 3000))));
  }
  return members;
}

/** An image with layers of made-up files in the store; the same seed gives the same image. */
export async function randomImage(
  store: Store,
  {
    seed,
    layers = 2,
    files = 5,
  }: { readonly seed: number; readonly layers?: number; readonly files?: number },
): Promise<Image> {
  const next = seededNumbers(seed);
  const stored = [];
  for (let i = 0; i < layers; i++) stored.push(await writeLayer(store, randomMembers(next, files)));
  return writeImage(store, {
    config: {
      created: '2026-01-02T03:04:05Z',
      ...hostPlatform(),
      config: { Env: ['PATH=/bin'], Cmd: ['sh'] },
      rootfs: { type: 'layers', diff_ids: stored.map(({ diffId }) => diffId) },
      history: stored.map((_, i) => ({
        created: '2026-01-02T03:04:05Z',
        created_by: `COPY part-${i} / # buildkit`,
      })),
    },
    layers: stored.map(({ descriptor, diffId }) => ({ descriptor, diffId })),
  });
}
