import type { Digest } from '../../contract/oci-types.ts';
import { cancelled } from '../../contract/errors.ts';
import type { LongOptions } from './blob-store.ts';
import { blobPath } from './layout.ts';
import { mappingFsErrors } from './map-fs-error.ts';
import { sweepPlanned } from './prune.ts';
import { DEFAULT_GRACE_MS, type PrunePlan } from './prune-plan.ts';
import { reachableBlobs } from './reachable-blobs.ts';
import type { RecordValue } from './records-table.ts';
import { rootOf, type StoreParts } from './store-parts.ts';
import type { ChooseKept, KeptBlob, Lease, Store } from './store.ts';

/** The blobs that records of one kind keep, each once, and what else needs them; see `Records.kept`. */
export function keptBlobs(parts: StoreParts, kind: string): readonly KeptBlob[] {
  const images = usersOf(parts);
  const others = otherHolders(parts, (record) => record.kind !== kind);
  return Array.from(
    Map.groupBy(parts.records.values(kind), ({ digest }) => digest),
    ([digest, records]) => ({
      digest,
      sizeBytes: sizeOf(parts, digest),
      usedAtMs: Math.max(...records.map(({ usedAtMs }) => usedAtMs)),
      hits: records.reduce((sum, { hits }) => sum + hits, 0),
      records: records.map(({ key, value }: RecordValue) => ({ key, value })),
      images: images.get(digest) ?? [],
      isHeld: others.has(digest),
    }),
  );
}

/** Bytes that go with the blob's records. */
export function freeableBytes({ sizeBytes, images, isHeld }: KeptBlob): number {
  return images.length > 0 || isHeld ? 0 : sizeBytes;
}

/** See `Store.removeKept`. */
export async function removeKept(
  parts: StoreParts,
  kind: string,
  choose: ChooseKept,
  options: LongOptions & { readonly dryRun: boolean },
): ReturnType<Store['removeKept']> {
  if (options.signal?.aborted === true) throw cancelled('removing from the cache');
  const { cacheRecords, blobs, freedBytes } = await mappingFsErrors('remove from the cache', () =>
    sweepPlanned(parts, () => planRemoval(parts, kind, choose), options),
  );
  return { records: cacheRecords, blobs, freedBytes };
}

/** What goes when the chosen blobs are no longer kept; holds while the caller keeps everyone from changing the store. */
function planRemoval(parts: StoreParts, kind: string, choose: ChooseKept): PrunePlan {
  const kept = keptBlobs(parts, kind);
  const chosen = new Set(choose(kept));
  const removed = kept.filter(({ digest }) => chosen.has(digest));
  const freed = removed.filter((blob) => blob.images.length === 0 && !blob.isHeld);
  return {
    blobs: freed.map(({ digest }) => digest),
    images: [],
    records: removed.flatMap(({ records }) => records.map(({ key }) => ({ kind, key }))),
    files: freed.flatMap(({ digest }) => fileOf(parts, digest)),
  };
}

/** See `Store.discard`. */
export async function discardLease(parts: StoreParts, lease: Lease): Promise<void> {
  const came = parts.leases.blobsOf(lease);
  lease.release();
  const plan = (): PrunePlan => {
    const [images, others] = [usersOf(parts), otherHolders(parts, () => true)];
    const blobs = came.filter((digest) => !images.has(digest) && !others.has(digest));
    return { blobs, images: [], records: [], files: blobs.flatMap((digest) => fileOf(parts, digest)) };
  };
  await mappingFsErrors('remove what nothing needs', () => sweepPlanned(parts, plan, { dryRun: false }));
}

function fileOf({ files, layout }: StoreParts, digest: Digest): PrunePlan['files'] {
  const path = blobPath(layout, digest);
  const status = files.statSync(path);
  return status?.isFile === true ? [{ path, sizeBytes: status.sizeBytes }] : [];
}

function sizeOf({ files, layout }: StoreParts, digest: Digest): number {
  return files.statSync(blobPath(layout, digest))?.sizeBytes ?? 0;
}

/** The images that need each blob: tagged ones by their names, others by their digests. */
function usersOf(parts: StoreParts): ReadonlyMap<Digest, readonly string[]> {
  const names = new Map<Digest, string[]>(parts.images.list().map(({ digest }) => [digest, []]));
  for (const { name, digest } of parts.tags.list()) names.set(digest, [...(names.get(digest) ?? []), name]);
  const users = new Map<Digest, string[]>();
  for (const [digest, tags] of names) {
    for (const blob of reachableBlobs(parts, [rootOf(parts.images, digest)])) {
      users.set(blob, [...(users.get(blob) ?? []), ...(tags.length === 0 ? [digest] : tags)]);
    }
  }
  return users;
}

/** Blobs that the tags' recent history, running work or those records need, with all that they refer to. */
function otherHolders(
  parts: StoreParts,
  isHolder: (record: { readonly kind: string }) => boolean,
): ReadonlySet<Digest> {
  const since = new Date(Math.max(0, parts.now() - DEFAULT_GRACE_MS)).toISOString();
  const history = parts.tags.eventsSince(since).flatMap(({ from, to }) => [from, to]);
  const records = parts.records.rows().filter(isHolder);
  const held = [
    ...history.filter((digest) => digest !== undefined),
    ...parts.leases.protectedBlobs(),
    ...records.flatMap(({ blobs }) => blobs),
  ];
  return reachableBlobs(
    parts,
    held.map((digest) => rootOf(parts.images, digest)),
  );
}
