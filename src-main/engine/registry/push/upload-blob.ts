import type { Descriptor } from '../../oci/descriptor.ts';
import type { Store } from '../../store/store.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import { BlobUpload } from './blob-upload.ts';
import { hasBlob } from './has-blob.ts';
import { keptUpload } from './kept-uploads.ts';
import { mountBlob } from './mount-blob.ts';
import type { RemoteOptions, RemoteRepository } from '../remote/remote-repository.ts';
import { describeWait } from '../session/retry.ts';
import type { BlobMeter } from '../transfer-meter.ts';

/** How a blob came to be in the repository. */
export type BlobOutcome =
  { readonly outcome: 'there' | 'uploaded' } | { readonly outcome: 'mounted'; readonly from: string };

export interface UploadBlobOptions extends LongOptions {
  /** Other repositories of the registry that may have it, the likeliest first. */
  readonly origins: readonly string[];
  readonly meter: BlobMeter;
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
  { signal, meter, origins }: UploadBlobOptions,
): Promise<BlobOutcome> {
  const { origin } = repository.session.endpoint;
  const place = `${origin}/${repository.repository}`;
  using _ = await store.claims.claim(`push ${place} ${descriptor.digest}`, {
    signal,
    onWait: () => meter.waiting('another push sends it'),
  });
  const options: RemoteOptions = { signal, onWait: (wait) => meter.retrying(describeWait(wait)) };
  if (await hasBlob(repository, descriptor.digest, options)) {
    meter.there();
    return { outcome: 'there' };
  }
  const kept = keptUpload(store, place, descriptor.digest);
  const mounted = kept.get() === undefined ? await tryMounts(repository, descriptor, origins, options) : {};
  if ('from' in mounted) {
    meter.there(`mounted from ${mounted.from}`);
    return { outcome: 'mounted', from: mounted.from };
  }
  await new BlobUpload({ store, repository, descriptor, kept, meter, signal }).run(mounted.begun);
  meter.done();
  return { outcome: 'uploaded' };
}

/** Where it was mounted from, or the upload that the registry has begun instead, if any. */
async function tryMounts(
  repository: RemoteRepository,
  { digest }: Descriptor,
  origins: readonly string[],
  options: RemoteOptions,
): Promise<{ readonly from: string } | { readonly begun?: URL }> {
  let begun: URL | undefined;
  for (const from of origins.slice(0, MOST_MOUNTS)) {
    const mount = await mountBlob(repository, digest, from, options);
    if (mount !== undefined && 'from' in mount) return mount;
    begun = mount?.begun ?? begun;
  }
  return begun === undefined ? {} : { begun };
}
