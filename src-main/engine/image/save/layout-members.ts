import { createPace } from '../../pace.ts';
import type { Digest, TransferProgress } from '../../../contract/oci-types.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';
import { encodeTarEntry, tarPadding } from '../../tar/encode-tar-entry.ts';
import { createTarEntry } from '../../tar/tar-entry.ts';
import { blobPath } from './archive-index.ts';

export type MembersOptions = LongOptions & {
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
};

/** The folders of an OCI layout in a tar, for blobs of these digests. */
export function* layoutFolders(digests: Iterable<Digest>): Generator<Uint8Array> {
  const algorithms = new Set(Array.from(digests, (digest) => digest.slice(0, digest.indexOf(':'))));
  for (const path of ['blobs', ...[...algorithms].sort().map((name) => `blobs/${name}`)]) {
    yield encodeTarEntry(createTarEntry({ path, type: 'directory' }));
  }
}

/** Blobs of the store in a tar, in the order of their digests, each verified as it is read (CORRUPT). */
export async function* blobMembers(
  store: Store,
  blobs: ReadonlyMap<Digest, number>,
  { signal, onProgress }: MembersOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const totalBytes = [...blobs.values()].reduce((sum, size) => sum + size, 0);
  const pace = createPace();
  let bytes = 0;
  for (const [digest, sizeBytes] of [...blobs].sort(([a], [b]) => (a < b ? -1 : 1))) {
    yield encodeTarEntry(createTarEntry({ path: blobPath(digest), type: 'file', mode: 0o444, sizeBytes }));
    for await (const chunk of store.blobs.open(digest, { signal, verify: true })) {
      bytes += chunk.length;
      if (pace.isDue(bytes === totalBytes)) {
        onProgress?.({ what: 'save', bytes, totalBytes, bytesPerSecond: pace.rate(bytes) });
      }
      yield chunk;
    }
    yield tarPadding(sizeBytes);
  }
}

/** A document in a tar. */
export function* documentMember(path: string, bytes: Uint8Array): Generator<Uint8Array> {
  yield encodeTarEntry(createTarEntry({ path, type: 'file', sizeBytes: bytes.length }));
  yield bytes;
  yield tarPadding(bytes.length);
}
