import { isEngineError } from '../../../contract/errors.ts';
import type { Reference } from '../../oci/reference.ts';
import type { ReferrerRecord, Store } from '../../store/store.ts';
import { findDocument } from '../remote/find-document.ts';
import type { RemoteOptions, RemoteRepository } from '../remote/remote-repository.ts';
import { missingContent } from './missing-content.ts';
import { planPush, type PushPlan } from './plan-push.ts';

/** Something that goes with an image because it refers to it. */
export interface PlannedReferrer {
  readonly plan: PushPlan;
  /** Its name there: a tag, where only that says what it refers to. */
  readonly reference: Pick<Reference, 'tag' | 'digest'>;
}

export interface PlannedReferrers {
  readonly referrers: readonly PlannedReferrer[];
  /** For a person: what stays behind, and why. */
  readonly notes: readonly string[];
}

/**
 * What is kept here with the documents of a push, to follow them. A tag that names something else there is not moved:
 * others may have signed the image there.
 */
export async function planReferrers(
  store: Store,
  remote: RemoteRepository,
  { documents }: PushPlan,
  options: RemoteOptions,
): Promise<PlannedReferrers> {
  const referrers: PlannedReferrer[] = [];
  const notes: string[] = [];
  for (const record of documents.flatMap(({ descriptor }) => store.referrers.of(descriptor.digest))) {
    const planned = await planOne(store, remote, record, options);
    if (typeof planned === 'string') notes.push(notPushed(record.digest, planned));
    else referrers.push(planned);
  }
  return { referrers, notes };
}

export function notPushed(digest: string, why: string): string {
  return `${digest}, which refers to the image, was not pushed: ${why}.`;
}

/** Or why it stays behind. */
async function planOne(
  store: Store,
  remote: RemoteRepository,
  { digest, mediaType, sizeBytes, tag }: ReferrerRecord,
  options: RemoteOptions,
): Promise<PlannedReferrer | string> {
  try {
    const plan = await planPush(store, { digest, mediaType, size: sizeBytes }, options);
    const missing = await missingContent(store, remote, plan, options);
    if (missing.length > 0) return 'it is missing or damaged in the store';
    if (tag === undefined) return { plan, reference: { tag: undefined, digest } };
    const there = await findDocument(remote, tag, options);
    if (there === undefined || there === digest) return { plan, reference: { tag, digest: undefined } };
    return `${tag} names ${there} there`;
  } catch (error) {
    if (isEngineError(error) && LOST.has(error.code)) return error.message;
    throw error;
  }
}

/** What does not keep the image itself from being pushed. */
const LOST: ReadonlySet<string> = new Set(['NOT_FOUND', 'CORRUPT']);
