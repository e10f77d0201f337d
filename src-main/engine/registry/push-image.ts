import type { PushedBlob } from '../../contract/images-api.ts';
import type { Digest, TransferProgress } from '../../contract/oci-types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { familiarReference, type Reference } from '../oci/reference.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import { rememberOrigins } from './blob-origins.ts';
import { choosePush, type PushSource } from './choose-push.ts';
import { inParallel } from './in-parallel.ts';
import type { Registries } from './open-registries.ts';
import { pushDocuments } from './push-documents.ts';
import { remoteRepository } from './remote-repository.ts';
import { uploadBlob } from './upload-blob.ts';

export interface PushOptions extends LongOptions {
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

export interface PushedImage {
  readonly root: Descriptor;
  readonly blobs: readonly PushedBlob[];
  readonly notes: readonly string[];
}

/**
 * Brings an image to a repository, byte for byte as it is stored: blobs in parallel, then the manifests, what names
 * others last. So the tag moves when all is there, or not at all. Idempotent: what is there already is not sent again,
 * and what was cut off goes on where the registry knows how far it came.
 */
export async function pushImage(
  { store, registries }: { readonly store: Store; readonly registries: Registries },
  source: PushSource,
  target: Reference,
  options: PushOptions,
): Promise<PushedImage> {
  await using lease = store.lease(`push ${familiarReference(target)}`);
  lease.add([source.root.digest]);
  const remote = remoteRepository(await registries.own(target.registry), target, ['pull', 'push']);
  const { plan, notes } = await choosePush(store, remote, source, target, options);
  const meter = createMeter(
    plan.blobs.reduce((sum, { descriptor }) => sum + descriptor.size, 0),
    options,
  );
  const pushed = new Map<Digest, PushedBlob>();
  await inParallel(plan.blobs, remote.session.settings.parallel, options.signal, async (blob, signal) => {
    const { digest, size } = blob.descriptor;
    const onBytes = (position: number): void => meter(digest, position);
    const outcome = await uploadBlob(store, remote, blob.descriptor, { signal, onBytes, onBusy: () => {} });
    onBytes(size);
    pushed.set(digest, { digest, kind: blob.kind, sizeBytes: size, ...outcome });
    rememberOrigins(store, target, [digest]);
  });
  const documents = await pushDocuments(store, remote, plan, target, options);
  return {
    root: plan.root,
    blobs: [
      ...plan.blobs.flatMap(({ descriptor }) => pushed.get(descriptor.digest) ?? []),
      ...documents.pushed,
    ],
    notes: [...notes, ...documents.notes],
  };
}

function createMeter(
  totalBytes: number,
  { onProgress }: PushOptions,
): (digest: Digest, position: number) => void {
  const start = performance.now();
  const positions = new Map<Digest, number>();
  return (digest, position) => {
    positions.set(digest, position);
    const bytes = [...positions.values()].reduce((sum, each) => sum + each, 0);
    const seconds = Math.max(0.001, (performance.now() - start) / 1000);
    onProgress?.({ what: 'push', bytes, totalBytes, bytesPerSecond: Math.round(bytes / seconds) });
  };
}
