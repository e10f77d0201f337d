import { join } from 'node:path';
import type { Digest } from '../../contract/oci-types.ts';
import { isEngineError } from '../../contract/errors.ts';
import { mappingFsErrors } from './map-fs-error.ts';
import { prune } from './prune.ts';
import { reachableBlobs } from './reachable-blobs.ts';
import type { StoreUsage } from './store.ts';
import { rootOf, type StoreParts } from './store-parts.ts';

type Part = 'image' | 'cache' | 'other';

/**
 * Sizes of the store's own files by what they are for; a file with several names counts once. What belongs to the
 * sandbox and the records of builds is not looked at: others count it.
 */
export function diskUsage(parts: StoreParts): Promise<StoreUsage> {
  return mappingFsErrors("measure the store's size", () => measure(parts));
}

async function measure(parts: StoreParts): Promise<StoreUsage> {
  const sums: Record<Part, number> = { image: 0, cache: 0, other: 0 };
  const seen = new Set<string>();
  const partOf = classifier(parts);
  for await (const file of walk(parts, parts.layout.root)) {
    if (seen.has(file.inode)) continue;
    seen.add(file.inode);
    sums[partOf(file.path)] += file.sizeBytes;
  }
  return {
    imageBytes: sums.image,
    cacheBytes: sums.cache,
    otherBytes: sums.other,
    totalBytes: sums.image + sums.cache + sums.other,
    reclaimableBytes: await reclaimable(parts),
    images: parts.images.list().length,
    blobs: parts.blobsTable.list().length,
    freeBytes: await parts.files.freeBytes(parts.layout.root),
  };
}

/** Nothing can be freed while a document that an image needs is damaged: prune refuses. */
async function reclaimable(parts: StoreParts): Promise<number> {
  try {
    return (await prune(parts, { dryRun: true, cache: true })).freedBytes;
  } catch (error) {
    if (isEngineError(error, 'CORRUPT')) return 0;
    throw error;
  }
}

function classifier(parts: StoreParts): (path: string) => Part {
  const { layout } = parts;
  const imageFiles = pathsOf(parts, imageBlobs(parts));
  const cacheFiles = pathsOf(
    parts,
    parts.records.rows().flatMap((record) => record.blobs),
  );
  return (path) => {
    if (imageFiles.has(path)) return 'image';
    return cacheFiles.has(path) || path.startsWith(layout.cache) ? 'cache' : 'other';
  };
}

function pathsOf(parts: StoreParts, digests: Iterable<Digest>): ReadonlySet<string> {
  return new Set([...digests].map((digest) => parts.blobs.pathOf(digest)));
}

/** All that tags and image records need, as far as their documents can be read. */
function imageBlobs(parts: StoreParts): ReadonlySet<Digest> {
  const digests = [
    ...parts.tags.list().map((tag) => tag.digest),
    ...parts.images.list().map((image) => image.digest),
  ];
  return new Set([...new Set(digests)].flatMap((digest) => reachableFrom(parts, digest)));
}

function reachableFrom(parts: StoreParts, digest: Digest): readonly Digest[] {
  try {
    return [...reachableBlobs(parts, [rootOf(parts.images, digest)])];
  } catch (error) {
    if (isEngineError(error)) return [digest];
    throw error;
  }
}

/** All files below a folder; what goes away meanwhile, or may not be read, is passed over. */
async function* walk(
  parts: StoreParts,
  folder: string,
): AsyncGenerator<{ path: string; sizeBytes: number; inode: string }, void, undefined> {
  for (const name of await listReadable(parts, folder)) {
    const path = join(folder, name);
    const status = await parts.files.stat(path);
    if (status?.isFolder === true) {
      if (!isOthersFolder(parts, path)) yield* walk(parts, path);
    } else if (status !== undefined) yield { path, sizeBytes: status.sizeBytes, inode: status.inode };
  }
}

function isOthersFolder({ layout }: StoreParts, path: string): boolean {
  return [layout.snapshots, layout.cacheMounts, layout.builds].includes(path);
}

async function listReadable(parts: StoreParts, folder: string): Promise<readonly string[]> {
  try {
    return await parts.files.list(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM'))
      return [];
    throw error;
  }
}
