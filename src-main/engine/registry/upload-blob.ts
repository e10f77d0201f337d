import type { Descriptor } from '../oci/descriptor.ts';
import type { Store } from '../store/store.ts';
import { originsOf } from './blob-origins.ts';
import { BlobUpload, type UploadOptions } from './blob-upload.ts';
import { hasBlob } from './has-blob.ts';
import { keptUpload } from './kept-uploads.ts';
import { mountBlob } from './mount-blob.ts';
import type { RemoteRepository } from './remote-repository.ts';

/** How a blob came to be in the repository. */
export type BlobOutcome =
  { readonly outcome: 'there' | 'uploaded' } | { readonly outcome: 'mounted'; readonly from: string };

export interface UploadBlobOptions extends UploadOptions {
  /** Another push is sending the same blob. */
  readonly onBusy: () => void;
}

/** More would cost more than they save: each that fails opens an upload. */
const MOST_MOUNTS = 2;

/**
 * Sees to it that a repository has a blob of the store: it may be there, be mounted from another repository of the
 * registry, or else is sent. Several pushes on one store send a blob once. Idempotent.
 */
export async function uploadBlob(
  store: Store,
  repository: RemoteRepository,
  descriptor: Descriptor,
  options: UploadBlobOptions,
): Promise<BlobOutcome> {
  const { origin } = repository.session.endpoint;
  const place = `${origin}/${repository.repository}`;
  using _ = await store.claims.claim(`push ${place} ${descriptor.digest}`, {
    signal: options.signal,
    onWait: options.onBusy,
  });
  if (await hasBlob(repository, descriptor.digest, options)) return { outcome: 'there' };
  const kept = keptUpload(store, place, descriptor.digest);
  const mounted = kept.get() === undefined ? await tryMounts(store, repository, descriptor, options) : {};
  if ('from' in mounted) return { outcome: 'mounted', from: mounted.from };
  await new BlobUpload({ store, repository, descriptor, kept, options }).run(mounted.begun);
  return { outcome: 'uploaded' };
}

/** Where it was mounted from, or the upload that the registry has begun instead, if any. */
async function tryMounts(
  store: Store,
  repository: RemoteRepository,
  { digest }: Descriptor,
  options: UploadBlobOptions,
): Promise<{ readonly from: string } | { readonly begun?: URL }> {
  const candidates = originsOf(store, repository.registry, digest).filter(
    (name) => name !== repository.repository,
  );
  let begun: URL | undefined;
  for (const from of candidates.slice(0, MOST_MOUNTS)) {
    const mount = await mountBlob(repository, digest, from, options);
    if (mount !== undefined && 'from' in mount) return mount;
    begun = mount?.begun ?? begun;
  }
  return begun === undefined ? {} : { begun };
}
