import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Digest } from '../../../src-main/contract/oci-types.ts';
import { MEDIA_TYPES } from '../../../src-main/engine/oci/media-types.ts';
import { parseReference, type Reference } from '../../../src-main/engine/oci/reference.ts';
import { openStore, type OpenStoreOptions } from '../../../src-main/engine/store/open-store.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';

/** A folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'varve-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A store in a folder of its own, closed when the test ends. */
export async function temporaryStore(options: Partial<OpenStoreOptions> = {}): Promise<Store> {
  const root = options.root ?? join(temporaryFolder(), 'store');
  const store = await openStore({ ...options, root });
  onTestFinished(() => store.close());
  return store;
}

export const ref = (name: string): Reference => parseReference(name);

export interface PutImage {
  readonly digest: Digest;
  readonly config: Digest;
  readonly layer: Digest;
  /** Bytes of its three blobs. */
  readonly sizeBytes: number;
}

/** Puts an image of one layer, which holds `text`, and records it. */
export async function putImage(store: Store, text: string): Promise<PutImage> {
  const layer = await store.blobs.put(Buffer.from(`layer ${text}`));
  const config = await store.blobs.put(Buffer.from(JSON.stringify({ os: 'linux', text })));
  const manifest = await store.blobs.put(
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.ociManifest,
        config: { mediaType: MEDIA_TYPES.ociConfig, digest: config.digest, size: config.sizeBytes },
        layers: [{ mediaType: MEDIA_TYPES.ociLayer, digest: layer.digest, size: layer.sizeBytes }],
      }),
    ),
  );
  store.images.add({
    digest: manifest.digest,
    mediaType: MEDIA_TYPES.ociManifest,
    sizeBytes: manifest.sizeBytes,
  });
  return {
    digest: manifest.digest,
    config: config.digest,
    layer: layer.digest,
    sizeBytes: layer.sizeBytes + config.sizeBytes + manifest.sizeBytes,
  };
}

/** Puts an image and points a tag at it. */
export async function putTagged(store: Store, name: string, text: string): Promise<PutImage> {
  const image = await putImage(store, text);
  store.tags.move([{ reference: ref(name), digest: image.digest }], 'build');
  return image;
}

export const pruneAll = { dryRun: false, cache: true } as const;

/** Digests of all blobs, in order. */
export async function blobsOf(store: Store): Promise<Digest[]> {
  const found: Digest[] = [];
  for await (const { digest } of store.blobs.list()) found.push(digest);
  return found.sort();
}

export async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
