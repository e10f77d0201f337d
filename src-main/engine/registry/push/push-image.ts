import type { PushedBlob } from '../../../contract/images-api.ts';
import type { Digest, TransferProgress } from '../../../contract/oci-types.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { familiarReference, type Reference } from '../../oci/reference.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';
import { originsAt, rememberOrigins } from './blob-origins.ts';
import { choosePush, type PushSource } from './choose-push.ts';
import { inParallel } from '../in-parallel.ts';
import type { Registries } from '../open-registries.ts';
import { pushDocuments } from './push-documents.ts';
import type { PlannedBlob } from './plan-push.ts';
import { pushReferrers } from './push-referrers.ts';
import { remoteRepository, type RemoteRepository } from '../remote/remote-repository.ts';
import { describeWait, type Wait } from '../session/retry.ts';
import { TransferMeter } from '../transfer-meter.ts';
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
 * others last. So the tag moves when all is there, or not at all. What is kept with the image follows. Idempotent: what
 * is there already is not sent again, and what was cut off goes on where the registry knows how far it came.
 */
export async function pushImage(
  { store, registries }: { readonly store: Store; readonly registries: Registries },
  source: PushSource,
  target: Reference,
  options: PushOptions,
): Promise<PushedImage> {
  await using lease = store.lease(`push ${familiarReference(target)}`);
  lease.add([source.root.digest]);
  const meter = new TransferMeter('pushing', options.onProgress);
  const waits = { signal: options.signal, onWait: (wait: Wait) => meter.say(describeWait(wait)) };
  try {
    const remote = remoteRepository(await registries.own(target.registry), target, ['pull', 'push']);
    const { plan, referrers, notes } = await choosePush(store, remote, source, target, waits);
    meter.say(undefined);
    const plans = [plan, ...referrers.map((referrer) => referrer.plan)];
    const planned = new Map(
      plans.flatMap((each) => each.blobs).map((blob) => [blob.descriptor.digest, blob]),
    );
    const blobs = await pushBlobs(store, remote, [...planned.values()], options, meter);
    const documents = await pushDocuments(store, remote, plan, target, waits);
    const others = await pushReferrers(store, remote, referrers, target, waits);
    rememberOrigins(store, target, [...blobs.keys()]);
    return {
      root: plan.root,
      blobs: [
        ...[...planned.keys()].flatMap((digest) => blobs.get(digest) ?? []),
        ...documents.pushed,
        ...others.pushed,
      ],
      notes: [...notes, ...documents.notes, ...others.notes],
    };
  } finally {
    meter.end();
  }
}

async function pushBlobs(
  store: Store,
  remote: RemoteRepository,
  blobs: readonly PlannedBlob[],
  options: PushOptions,
  meter: TransferMeter,
): Promise<ReadonlyMap<Digest, PushedBlob>> {
  const pushed = new Map<Digest, PushedBlob>();
  const origins = originsAt(store, remote.registry);
  meter.expect(blobs.map(({ descriptor }) => descriptor));
  await inParallel(blobs, remote.session.settings.parallel, options.signal, async (blob, signal) => {
    const { digest, size } = blob.descriptor;
    const others = (origins.get(digest) ?? []).filter((name) => name !== remote.repository);
    const how = { signal, meter: meter.blob(digest), origins: others };
    const outcome = await uploadBlob(store, remote, blob.descriptor, how);
    pushed.set(digest, { digest, kind: blob.kind, sizeBytes: size, ...outcome });
  });
  return pushed;
}
