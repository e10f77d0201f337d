import type { PushedBlob } from '../../../contract/images-api.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Reference } from '../../oci/reference.ts';
import type { Store } from '../../store/store.ts';
import { findDocument } from '../remote/find-document.ts';
import type { PlannedDocument, PushPlan } from './plan-push.ts';
import { pushDocument } from './push-document.ts';
import { changeReferrersTag, referrersTag } from './referrers-tag.ts';
import type { RemoteOptions, RemoteRepository } from '../remote/remote-repository.ts';

export interface PushedDocuments {
  readonly pushed: readonly PushedBlob[];
  readonly notes: readonly string[];
}

/**
 * Puts the manifests and indexes of a plan, whose blobs are there: each under its digest, and the last one under the
 * target's name. One with a subject comes into the list of the subject's referrers.
 */
export async function pushDocuments(
  store: Store,
  remote: RemoteRepository,
  { documents, root }: PushPlan,
  target: Reference,
  options: RemoteOptions,
): Promise<PushedDocuments> {
  const pushed: PushedBlob[] = [];
  const notes: string[] = [];
  for (const document of documents) {
    const { digest, size } = document.descriptor;
    const reference = digest === root.digest ? (target.digest ?? target.tag ?? 'latest') : digest;
    const isThere = await isKnown(remote, document, reference, options);
    const { listsReferrers } = isThere
      ? { listsReferrers: true }
      : await put(remote, document, reference, options);
    pushed.push({ digest, kind: 'manifest', sizeBytes: size, outcome: isThere ? 'there' : 'uploaded' });
    if (document.subject === undefined || listsReferrers) continue;
    await listUnderTag(store, remote, document, document.subject, options);
    notes.push(
      `The registry lists no referrers by itself: ${digest} is now listed under the tag ${referrersTag(document.subject.digest)}.`,
    );
  }
  return { pushed, notes };
}

/** One with a subject is always put: only then does the registry say whether it lists it. */
async function isKnown(
  remote: RemoteRepository,
  { descriptor, subject }: PlannedDocument,
  reference: string,
  options: RemoteOptions,
): Promise<boolean> {
  return subject === undefined && (await findDocument(remote, reference, options)) === descriptor.digest;
}

function put(
  remote: RemoteRepository,
  { descriptor: { digest, mediaType }, bytes }: PlannedDocument,
  reference: string,
  options: RemoteOptions,
): ReturnType<typeof pushDocument> {
  return pushDocument(remote, { digest, mediaType, bytes }, reference, options);
}

function listUnderTag(
  store: Store,
  remote: RemoteRepository,
  { descriptor, artifactType, annotations }: PlannedDocument,
  subject: Descriptor,
  options: RemoteOptions,
): Promise<void> {
  const { mediaType, digest, size } = descriptor;
  const entry: Descriptor = {
    mediaType,
    digest,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
  const withEntry = (entries: readonly Descriptor[]) =>
    entries.some((other) => other.digest === digest) ? entries : [...entries, entry];
  return changeReferrersTag(store, remote, subject.digest, withEntry, options);
}
