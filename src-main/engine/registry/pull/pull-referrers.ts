import { isEngineError, type ErrorCode } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { parseImageIndex } from '../../oci/image-index.ts';
import { imageEntries } from '../../oci/index-entries.ts';
import { isIndexType } from '../../oci/media-types.ts';
import type { Lease, Store } from '../../store/store.ts';
import { findReferrers, type FoundReferrer, type FoundReferrers } from './find-referrers.ts';
import { inParallel } from '../in-parallel.ts';
import type { PullPlan, PullWish } from './plan-pull.ts';
import { pullBlob } from './pull-blob.ts';
import type { PullSource } from './pull-source.ts';
import type { TransferMeter } from '../transfer-meter.ts';

/** How long the search may take in all: it goes on beside the layers. */
const PATIENCE_MS = 10_000;

/** Of an index with more images, what refers to the others is left at the registry. */
const MOST_SUBJECTS = 16;

export interface ReferrersPull {
  readonly store: Store;
  readonly source: PullSource;
  readonly lease: Lease;
  readonly meter: TransferMeter;
  readonly signal?: AbortSignal | undefined;
}

/** A search that goes on beside the layers; disposing ends it. */
export interface ReferrersSearch extends AsyncDisposable {
  /**
   * Brings what was found, and keeps it with its subjects, which must be in the store. What cannot be had is left out;
   * the digests are those of what is too big to come with an image.
   */
  bring(): Promise<readonly Digest[]>;
}

/** Begins to look for what refers to an image that is being pulled. */
export function searchReferrers(pull: ReferrersPull, plan: PullPlan, wish: PullWish): ReferrersSearch {
  const stop = new AbortController();
  const ends = [
    stop.signal,
    AbortSignal.timeout(PATIENCE_MS),
    ...(pull.signal === undefined ? [] : [pull.signal]),
  ];
  const options = { signal: AbortSignal.any(ends) };
  const searching = findReferrers(pull.store, pull.source.nearest(), subjectsOf(plan, wish), options);
  return {
    bring: async () => keepReferrers(pull, await searching),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await searching;
    },
  };
}

/** What the reference names and the image that was chosen of it, or all images that it names. */
function subjectsOf({ named, manifest }: PullPlan, wish: PullWish): readonly Digest[] {
  const images =
    wish.kind === 'all' && isIndexType(named.mediaType)
      ? imageEntries(parseImageIndex(named.bytes).manifests).map(({ digest }) => digest)
      : [];
  return [...new Set([named.digest, manifest.digest, ...images])].slice(0, MOST_SUBJECTS);
}

async function keepReferrers(
  pull: ReferrersPull,
  { found, left }: FoundReferrers,
): Promise<readonly Digest[]> {
  for (const referrer of found) {
    try {
      await keepReferrer(pull, referrer);
    } catch (error) {
      const isCancelled = pull.signal?.aborted === true;
      if (isCancelled || !isEngineError(error) || OF_THE_STORE.has(error.code)) throw error;
    }
  }
  return left;
}

/** What is wrong here, and would be so for the image too. */
const OF_THE_STORE: ReadonlySet<ErrorCode> = new Set(['NO_SPACE', 'IO', 'PERMISSION', 'INTERNAL']);

async function keepReferrer(
  { store, source, lease, meter, signal }: ReferrersPull,
  { subject, tag, document, blobs }: FoundReferrer,
): Promise<void> {
  const { digest, mediaType, bytes } = document;
  lease.add([digest, ...blobs.map((blob) => blob.digest)]);
  const wanted = [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
  meter.expect(wanted);
  await inParallel(wanted, source.parallel, signal, (blob, ends) =>
    pullBlob({ blobs: store.blobs, source, signal: ends }, blob, meter.blob(blob.digest)),
  );
  await store.blobs.putAll([bytes]);
  const said = tag === undefined ? {} : { tag };
  store.referrers.keep([{ subject, digest, mediaType, sizeBytes: bytes.length, ...said }]);
}
