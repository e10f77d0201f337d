import type { TransferProgress, Digest, RateLimit } from '../../../contract/oci-types.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { familiarReference, type Reference } from '../../oci/reference.ts';
import type { Store } from '../../store/store.ts';
import { rememberOrigins } from '../push/blob-origins.ts';
import { inParallel } from '../in-parallel.ts';
import type { Registries } from '../open-registries.ts';
import { planPull, type PullPlan, type PullWish } from './plan-pull.ts';
import { pullBlob } from './pull-blob.ts';
import { searchReferrers } from './pull-referrers.ts';
import { openPullSource, type PullSource } from './pull-source.ts';
import { describeWait, type Wait } from '../session/retry.ts';
import { TransferMeter } from '../transfer-meter.ts';

export interface PullParts {
  readonly store: Store;
  readonly registries: Registries;
}

export interface PullOptions {
  readonly wish: PullWish;
  /** The documents, where they are known already. */
  readonly plan?: PullPlan | undefined;
  /** Blobs at once; what registries.json says unless told. */
  readonly parallel?: number | undefined;
  /** Whether what refers to the image comes with it: signatures, SBOMs and the like; not unless told. */
  readonly referrers?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

export interface PulledImage {
  /** What the reference named: a manifest or an image index. */
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number;
  /** 0 when all was here already. */
  readonly transferredBytes: number;
  readonly rateLimit: RateLimit | undefined;
  /** What refers to the image and is too much to come with it. */
  readonly leftReferrers: readonly Digest[];
}

/**
 * Brings an image into the store by tag or digest, every byte verified against its descriptor, and records it as an
 * image; moves no tag. Of an index comes what is wished for, and the index itself, which the reference names.
 * Idempotent: what is there already is not transferred again, and what was cut off goes on where it ended. Endpoints are
 * tried in order, mirrors first.
 */
export async function pullImage(
  { store, registries }: PullParts,
  reference: Reference,
  options: PullOptions,
): Promise<PulledImage> {
  await using lease = store.lease(`pull ${familiarReference(reference)}`);
  const meter = new TransferMeter('pulling', options.onProgress);
  try {
    const source = await openPullSource(registries, reference);
    const onWait = (wait: Wait): void => meter.say(describeWait(wait));
    const { signal, wish } = options;
    const plan = options.plan ?? (await planPull({ store, source }, reference, { wish, signal, onWait }));
    meter.say(undefined);
    await using search =
      options.referrers === true
        ? searchReferrers({ store, source, lease, meter, signal }, plan, wish)
        : undefined;
    lease.add([...plan.documents, ...plan.blobs].map(({ digest }) => digest));
    await pullBlobs(store, source, plan.blobs, options, meter);
    await store.blobs.putAll(plan.documents.map(({ bytes }) => bytes));
    const { digest, mediaType, bytes, rateLimit } = plan.named;
    const pulled = { digest, mediaType, sizeBytes: bytes.length };
    store.images.add(pulled);
    const blobs = plan.blobs.map((blob) => blob.digest);
    rememberOrigins(store, reference, blobs);
    const leftReferrers = (await search?.bring()) ?? [];
    return { ...pulled, leftReferrers, transferredBytes: meter.movedBytes, rateLimit };
  } finally {
    meter.end();
  }
}

async function pullBlobs(
  store: Store,
  source: PullSource,
  descriptors: readonly Descriptor[],
  { signal, parallel }: PullOptions,
  meter: TransferMeter,
): Promise<void> {
  const blobs = [...new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor])).values()];
  meter.expect(blobs);
  await inParallel(blobs, parallel ?? source.parallel, signal, (descriptor, ends) =>
    pullBlob({ blobs: store.blobs, source, signal: ends }, descriptor, meter.blob(descriptor.digest)),
  );
}
