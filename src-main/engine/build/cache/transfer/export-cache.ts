import { createWriteStream } from 'node:fs';
import { lstat, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BuildRequest } from '../../../../contract/builds-api.ts';
import { EngineError, isEngineError } from '../../../../contract/errors.ts';
import type { Digest } from '../../../../contract/oci-types.ts';
import { blobPath, OCI_LAYOUT } from '../../../image/save/archive-index.ts';
import {
  blobMembers,
  documentMember,
  layoutFolders,
  type MembersOptions,
} from '../../../image/save/layout-members.ts';
import { digestOf, isDigest } from '../../../oci/digest.ts';
import type { LongOptions } from '../../../store/blob-store.ts';
import { mappingFsErrors } from '../../../store/map-fs-error.ts';
import type { Store } from '../../../store/store.ts';
import { TAR_END } from '../../../tar/encode-tar-entry.ts';
import { encodeCache, type CacheDocument, type EncodedCache } from './cache-document.ts';
import { openCacheSource } from './open-cache-source.ts';

/**
 * Writes a build cache where others can read it: an OCI layout in a folder, or the same in a tar. A folder may hold
 * the cache of an earlier build, or the beginning of one, whose layers that are not needed any more go; one that holds
 * something else is a CONFLICT. The index is written last: whoever reads meanwhile finds the old cache or the new one.
 */
export async function exportCache(
  store: Store,
  document: CacheDocument,
  { type, destination }: BuildRequest['cacheTo'][number],
  options: MembersOptions,
): Promise<void> {
  const cache = encodeCache(document);
  await mappingFsErrors(`write the cache to ${destination}`, () =>
    type === 'archive'
      ? writeArchive(store, cache, destination, options)
      : writeFolder(store, cache, destination, options),
  );
}

async function writeArchive(
  store: Store,
  cache: EncodedCache,
  path: string,
  options: MembersOptions,
): Promise<void> {
  const partial = `${path}${ASIDE}${process.pid}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await stream(archiveBytes(store, cache, options), partial, options);
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}

async function* archiveBytes(
  store: Store,
  cache: EncodedCache,
  options: MembersOptions,
): AsyncGenerator<Uint8Array> {
  yield* documentMember('oci-layout', OCI_LAYOUT);
  yield* documentMember('index.json', cache.index);
  yield* layoutFolders([digestOf(cache.manifest)]);
  for (const bytes of [cache.manifest, cache.config]) yield* documentMember(blobPath(digestOf(bytes)), bytes);
  yield* blobMembers(store, cache.layers, options);
  yield TAR_END;
}

async function writeFolder(
  store: Store,
  cache: EncodedCache,
  folder: string,
  options: MembersOptions,
): Promise<void> {
  const before = await readBefore(folder, options);
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true });
  await writeLayers(store, await missingLayers(cache, folder), folder, options);
  const documents = new Map(
    [cache.manifest, cache.config].map((bytes) => [blobPath(digestOf(bytes)), bytes]),
  );
  for (const [path, bytes] of [
    ...documents,
    ['oci-layout', OCI_LAYOUT],
    ['index.json', cache.index],
  ] as const) {
    await replace(join(folder, path), (aside) => writeFile(aside, bytes));
  }
  for (const digest of before) {
    const path = blobPath(digest);
    if (!cache.layers.has(digest) && !documents.has(path)) await rm(join(folder, path), { force: true });
  }
  await removeAbandoned(folder);
}

async function missingLayers(cache: EncodedCache, folder: string): Promise<ReadonlyMap<Digest, number>> {
  const missing = new Map<Digest, number>();
  for (const [digest, sizeBytes] of cache.layers) {
    const status = await lstat(join(folder, blobPath(digest))).catch(() => undefined);
    if (status?.size !== sizeBytes) missing.set(digest, sizeBytes);
  }
  return missing;
}

async function writeLayers(
  store: Store,
  layers: ReadonlyMap<Digest, number>,
  folder: string,
  options: MembersOptions,
): Promise<void> {
  const { signal, onProgress } = options;
  const totalBytes = [...layers.values()].reduce((sum, size) => sum + size, 0);
  let bytes = 0;
  const counted = async function* (digest: Digest): AsyncGenerator<Uint8Array> {
    for await (const chunk of store.blobs.open(digest, { signal, verify: true })) {
      bytes += chunk.length;
      onProgress?.({ what: 'cache', bytes, totalBytes });
      yield chunk;
    }
  };
  for (const digest of layers.keys()) {
    await replace(join(folder, blobPath(digest)), (aside) => stream(counted(digest), aside, options));
  }
}

/** The blobs of the cache that the folder holds, or of the beginning of one. */
async function readBefore(folder: string, options: LongOptions): Promise<readonly Digest[]> {
  const names = await readdir(folder).catch(() => []);
  if (names.every((name) => UNFINISHED.has(name))) return wholeBlobs(folder);
  try {
    return (await openCacheSource({ type: 'local', source: folder }, options)).blobs;
  } catch (error) {
    if (!isEngineError(error)) throw error;
    throw new EngineError('CONFLICT', `${folder} holds something else than a build cache: ${error.message}`, {
      hint: 'Name a new or an empty folder.',
      cause: error,
    });
  }
}

/** What an export that was ended half-way leaves: no index, so that nobody takes it for a cache. */
const UNFINISHED: ReadonlySet<string> = new Set(['blobs', 'oci-layout']);
const ASIDE = '.partial-';
/** Whoever still writes has written since. */
const ABANDONED_MS = 60 * 60_000;

async function wholeBlobs(folder: string): Promise<readonly Digest[]> {
  const names = await readdir(join(folder, 'blobs', 'sha256')).catch(() => []);
  return names.map((name) => `sha256:${name}`).filter(isDigest);
}

async function removeAbandoned(folder: string): Promise<void> {
  const blobs = join(folder, 'blobs', 'sha256');
  for (const name of await readdir(blobs).catch(() => [])) {
    if (!name.includes(ASIDE)) continue;
    const status = await lstat(join(blobs, name)).catch(() => undefined);
    if (status !== undefined && Date.now() - status.mtimeMs > ABANDONED_MS) await rm(join(blobs, name));
  }
}

async function replace(path: string, write: (aside: string) => Promise<void>): Promise<void> {
  const aside = `${path}${ASIDE}${process.pid}`;
  try {
    await write(aside);
    await rename(aside, path);
  } finally {
    await rm(aside, { force: true });
  }
}

function stream(bytes: AsyncIterable<Uint8Array>, path: string, { signal }: LongOptions): Promise<void> {
  const file = createWriteStream(path, { flags: 'w', mode: 0o644 });
  return pipeline(Readable.from(bytes), file, signal === undefined ? {} : { signal });
}
