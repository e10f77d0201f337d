import { z } from 'zod';
import type { Digest } from '../../contract/oci-types.ts';
import type { Reference } from '../oci/reference.ts';
import type { Store } from '../store/store.ts';

/** Disposable: losing it costs an upload that a mount could have saved. */
const KIND = 'blob-origin';
const MOST_KEPT = 5;

const repositoriesSchema = z.array(z.string()).max(MOST_KEPT);

type Repository = Pick<Reference, 'registry' | 'repository'>;

/** Remembers that these blobs are in a repository: they were pulled from it or pushed to it. */
export function rememberOrigins(
  store: Store,
  { registry, repository }: Repository,
  digests: readonly Digest[],
): void {
  for (const digest of digests) {
    const known = originsOf(store, registry, digest);
    if (known[0] === repository) continue;
    const kept = [repository, ...known.filter((other) => other !== repository)].slice(0, MOST_KEPT);
    store.records.put(KIND, keyOf(registry, digest), Buffer.from(JSON.stringify(kept)));
  }
}

/** Repositories of a registry that had this blob, the latest first. They may have lost it since. */
export function originsOf(store: Store, registry: string, digest: Digest): readonly string[] {
  const value = store.records.get(KIND, keyOf(registry, digest));
  if (value === undefined) return [];
  return repositoriesSchema.catch([]).parse(JSON.parse(Buffer.from(value).toString('utf8')));
}

function keyOf(registry: string, digest: Digest): string {
  return `${registry} ${digest}`;
}
