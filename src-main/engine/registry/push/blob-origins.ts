import type { Digest } from '../../../contract/oci-types.ts';
import { isDigest } from '../../oci/digest.ts';
import type { Reference } from '../../oci/reference.ts';
import type { Store } from '../../store/store.ts';

/** Disposable: losing it costs uploads that mounts could have saved. */
const KIND = 'repository-blobs';
const MOST_KEPT = 2000;

type Repository = Pick<Reference, 'registry' | 'repository'>;

/** Remembers that these blobs are in a repository: they were pulled from it or pushed to it. */
export function rememberOrigins(store: Store, place: Repository, digests: readonly Digest[]): void {
  const known = new Set(blobsOf(store, keyOf(place)));
  if (digests.every((digest) => known.has(digest))) return;
  const kept = [...new Set([...digests, ...known])].slice(0, MOST_KEPT);
  store.records.put(KIND, keyOf(place), Buffer.from(kept.join('\n')));
}

/** For each blob the repositories of a registry that had it, the latest first. They may have lost it since. */
export function originsAt(store: Store, registry: string): ReadonlyMap<Digest, readonly string[]> {
  const origins = new Map<Digest, string[]>();
  for (const key of store.records.keys(KIND, `${registry}/`).toReversed()) {
    const repository = key.slice(registry.length + 1);
    for (const digest of blobsOf(store, key)) {
      origins.set(digest, [...(origins.get(digest) ?? []), repository]);
    }
  }
  return origins;
}

function blobsOf(store: Store, key: string): readonly Digest[] {
  const value = store.records.get(KIND, key);
  return value === undefined ? [] : Buffer.from(value).toString('latin1').split('\n').filter(isDigest);
}

function keyOf({ registry, repository }: Repository): string {
  return `${registry}/${repository}`;
}
