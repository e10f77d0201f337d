import { isEngineError } from '../../../contract/errors.ts';
import type { PushPreview } from '../../../contract/remote-api.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { familiarReference, type Reference } from '../../oci/reference.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';
import { originsAt } from './blob-origins.ts';
import { choosePush, type PushSource } from './choose-push.ts';
import { findDocument } from '../remote/find-document.ts';
import { hasBlob } from './has-blob.ts';
import { inParallel } from '../in-parallel.ts';
import type { Registries } from '../open-registries.ts';
import { remoteRepository, type RemoteOptions, type RemoteRepository } from '../remote/remote-repository.ts';

type PreviewBlob = PushPreview['blobs'][number];
type State = Pick<PreviewBlob, 'state' | 'from'>;

/** See the contract's `registries.pushPreview`. Asks for the right to push, as the push itself will. */
export async function previewPush(
  { store, registries }: { readonly store: Store; readonly registries: Registries },
  source: PushSource,
  target: Reference,
  options: LongOptions,
): Promise<PushPreview> {
  const remote = remoteRepository(await registries.own(target.registry), target, ['pull', 'push']);
  const { plan, referrers, notes } = await choosePush(store, remote, source, target, options);
  const plans = [plan, ...referrers.map((referrer) => referrer.plan)];
  const items = eachOnce([
    ...plans.flatMap((each) => each.blobs).map(({ descriptor, kind }) => ({ descriptor, kind })),
    ...plans
      .flatMap((each) => each.documents)
      .map(({ descriptor }) => ({ descriptor, kind: 'manifest' as const })),
  ]);
  const origins = originsAt(store, remote.registry);
  const states = new Map<Digest, State>();
  await inParallel(items, remote.session.settings.parallel, options.signal, async (item, signal) => {
    const { digest } = item.descriptor;
    const state =
      item.kind === 'manifest'
        ? await documentState(remote, digest, { signal })
        : await blobState(remote, digest, origins.get(digest) ?? [], { signal });
    states.set(digest, state);
  });
  const blobs = items.map(({ descriptor: { digest, size }, kind }): PreviewBlob => {
    return { digest, kind, sizeBytes: size, ...(states.get(digest) ?? { state: 'upload' }) };
  });
  const from = target.tag === undefined ? undefined : await findDocument(remote, target.tag, options);
  return {
    target: familiarReference(target),
    blobs,
    uploadBytes: blobs.reduce((sum, { state, sizeBytes }) => (state === 'upload' ? sum + sizeBytes : sum), 0),
    ...(from === undefined ? {} : { from }),
    to: plan.root.digest,
    notes: [...notes],
  };
}

function eachOnce<Item extends { readonly descriptor: { readonly digest: Digest } }>(
  items: readonly Item[],
): readonly Item[] {
  return [...new Map(items.map((item) => [item.descriptor.digest, item])).values()];
}

async function documentState(
  remote: RemoteRepository,
  digest: Digest,
  options: RemoteOptions,
): Promise<State> {
  return { state: (await findDocument(remote, digest, options)) === undefined ? 'upload' : 'there' };
}

/** The first repository that has it is the one that the push will ask for a mount. */
async function blobState(
  remote: RemoteRepository,
  digest: Digest,
  origins: readonly string[],
  options: RemoteOptions,
): Promise<State> {
  if (await hasBlob(remote, digest, options)) return { state: 'there' };
  const from = origins.find((name) => name !== remote.repository);
  if (from === undefined) return { state: 'upload' };
  const other = remoteRepository(remote.session, { ...remote, repository: from }, ['pull']);
  return (await isReadable(other, digest, options)) ? { state: 'mount', from } : { state: 'upload' };
}

/** A repository that may not be read can be mounted from no more than one that is gone. */
async function isReadable(
  remote: RemoteRepository,
  digest: Digest,
  options: RemoteOptions,
): Promise<boolean> {
  try {
    return await hasBlob(remote, digest, options);
  } catch (error) {
    if (isEngineError(error, 'UNAUTHORIZED')) return false;
    throw error;
  }
}
