import { EngineError } from '../../contract/errors.ts';
import type { Digest } from '../../contract/oci-types.ts';
import { applyToc } from '../filetree/apply-toc.ts';
import { EMPTY_TREE } from '../filetree/tree-node.ts';
import { createDigester, digestOf } from '../oci/digest.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import { decompress } from '../tar/decompress.ts';
import { readTar } from '../tar/read-tar.ts';
import { readToc } from '../filetree/read-toc.ts';
import { openImage } from './open-image.ts';

/**
 * Reads an image from one end to the other and checks every promise that it makes: documents and layers have their
 * digests and sizes, each layer is a tar with its diff ID that says what its table of contents says, and the layers
 * stack. CORRUPT for the first that is broken.
 */
export async function validateImage(store: Store, digest: Digest, options: LongOptions = {}): Promise<void> {
  const image = await openImage(store, digest, options);
  let tree = EMPTY_TREE;
  for (const [position, layer] of image.layers.entries()) {
    const toc = await readToc(store, layer, options);
    const seen = await readThrough(store, layer.descriptor.digest, options);
    expectEqual(seen.sizeBytes, layer.descriptor.size, `size of ${layer.descriptor.digest}`);
    expectEqual(seen.diffId, layer.diffId, `diff ID of ${layer.descriptor.digest}`);
    const listed = toc.entries.map(({ path, contentOffset }) => `${path} ${contentOffset}`);
    expectEqual(digestOf(listed.join('\n')), digestOf(seen.listed.join('\n')), `table of ${layer.diffId}`);
    tree = applyToc(tree, toc, position);
  }
}

async function readThrough(
  store: Store,
  digest: Digest,
  { signal }: LongOptions,
): Promise<{ readonly sizeBytes: number; readonly diffId: Digest; readonly listed: readonly string[] }> {
  const diff = createDigester();
  let sizeBytes = 0;
  async function* compressed(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const bytes of store.blobs.open(digest, { signal, verify: true })) {
      sizeBytes += bytes.length;
      yield bytes;
    }
  }
  async function* plain(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const bytes of decompress(compressed(), { signal })) {
      diff.update(bytes);
      yield bytes;
    }
  }
  const listed: string[] = [];
  for await (const { entry, contentOffset } of readTar(plain(), { signal })) {
    listed.push(`${entry.path} ${contentOffset}`);
  }
  return { sizeBytes, diffId: diff.digest(), listed };
}

function expectEqual(actual: unknown, expected: unknown, what: string): void {
  if (actual === expected) return;
  throw new EngineError('CORRUPT', `${what}: ${String(actual)} instead of ${String(expected)}`);
}
