import { join } from 'node:path';
import type { Digest } from '../../contract/oci-types.ts';
import { isDigest } from '../oci/digest.ts';
import { blobPath } from './layout.ts';
import { idlePartials } from './idle-partials.ts';
import { digestOfPartial } from './partial-blobs.ts';
import { livenessOf } from './process-identity.ts';
import { reachableBlobs } from './reachable-blobs.ts';
import { rootOf, type StoreParts } from './store-parts.ts';

/** How long what a tag pointed at stays, so that its history can be undone. */
export const DEFAULT_GRACE_MS = 30 * 24 * 60 * 60 * 1000;

export interface PruneQuestion {
  /** Also let go of cache records that alone keep blobs, and of those not used within the grace period. */
  readonly cache: boolean;
  readonly graceMs?: number | undefined;
}

export interface DoomedFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/** What a prune would remove. */
export interface PrunePlan {
  /** Blobs whose rows go, and with them their files. */
  readonly blobs: readonly Digest[];
  readonly images: readonly Digest[];
  readonly records: readonly { readonly kind: string; readonly key: string }[];
  /** Files of those blobs, blob files that no row knows, what dead processes were writing, and partly received blobs. */
  readonly files: readonly DoomedFile[];
}

/**
 * Marks from tags, their history within the grace period and live leases (R4), and names everything else. Reads only.
 * It holds for as long as the caller keeps everyone from changing what it is read from.
 */
export function planPrune(parts: StoreParts, question: PruneQuestion): PrunePlan {
  const roots = rootDigests(parts, question.graceMs ?? DEFAULT_GRACE_MS);
  const marked = reachableBlobs(
    parts,
    [...roots].map((digest) => rootOf(parts.images, digest)),
  );
  const records = question.cache ? doomedRecords(parts, marked, question.graceMs ?? DEFAULT_GRACE_MS) : [];
  if (!question.cache) markRecords(parts, marked);
  const blobs = parts.blobsTable
    .list()
    .map((row) => row.digest)
    .filter((digest) => !marked.has(digest));
  const images = parts.images
    .list()
    .map((image) => image.digest)
    .filter((digest) => !roots.has(digest));
  return { blobs, images, records, files: [...blobFiles(parts, marked), ...leftovers(parts)] };
}

/** What tags, their recent history and leases name themselves. */
function rootDigests(parts: StoreParts, graceMs: number): Set<Digest> {
  const since = new Date(Math.max(0, parts.now() - graceMs)).toISOString();
  const events = graceMs === 0 ? [] : parts.tags.eventsSince(since);
  return new Set([
    ...parts.tags.list().map((tag) => tag.digest),
    ...events.flatMap(({ from, to }) => [from, to]).filter((digest) => digest !== undefined),
    ...parts.leases.protectedBlobs(),
  ]);
}

function markRecords(parts: StoreParts, marked: Set<Digest>): void {
  for (const record of parts.records.rows()) for (const digest of record.blobs) marked.add(digest);
}

/** A record whose blobs stay anyway costs nothing and saves time; it stays too. */
function doomedRecords(
  parts: StoreParts,
  marked: ReadonlySet<Digest>,
  graceMs: number,
): PrunePlan['records'] {
  const unusedSince = parts.now() - graceMs;
  return parts.records
    .rows()
    .filter((record) =>
      record.blobs.length > 0
        ? record.blobs.some((digest) => !marked.has(digest))
        : record.usedAtMs < unusedSince,
    )
    .map(({ kind, key }) => ({ kind, key }));
}

/** Files in the blob folders that nothing marked, with or without a row. */
function blobFiles({ layout, files }: StoreParts, marked: ReadonlySet<Digest>): readonly DoomedFile[] {
  return ['sha256', 'sha512'].flatMap((algorithm) =>
    files
      .listSync(join(layout.blobs, algorithm))
      .map((name) => `${algorithm}:${name}`)
      .filter((digest): digest is Digest => isDigest(digest) && !marked.has(digest))
      .flatMap((digest) => existing(files, blobPath(layout, digest))),
  );
}

/** Ingest files carry the name of the process that writes them; what is received by digest goes when nobody does now. */
function leftovers(parts: StoreParts): readonly DoomedFile[] {
  const { layout, files } = parts;
  const dead = files
    .listSync(layout.ingest)
    .filter((name) => digestOfPartial(name) === undefined && livenessOf(name.split('.')[0] ?? '') === 'dead')
    .flatMap((name) => existing(files, join(layout.ingest, name)));
  return [...dead, ...idlePartials(parts)];
}

function existing(files: StoreParts['files'], path: string): readonly DoomedFile[] {
  const status = files.statSync(path);
  return status?.isFile === true ? [{ path, sizeBytes: status.sizeBytes }] : [];
}
