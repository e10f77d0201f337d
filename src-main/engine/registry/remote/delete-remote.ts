import { EngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { parseImageIndex } from '../../oci/image-index.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { isIndexType } from '../../oci/media-types.ts';
import type { Reference } from '../../oci/reference.ts';
import type { Store } from '../../store/store.ts';
import { changeReferrersTag } from '../push/referrers-tag.ts';
import { getDocument } from './remote-document.ts';
import { readRefusal, refusalError, registryError } from './registry-error.ts';
import type { RemoteOptions, RemoteRepository } from './remote-repository.ts';

const DELETED: ReadonlySet<number> = new Set([200, 202, 204]);

/**
 * Removes a tag, or by digest a manifest with every tag that points at it (distribution-spec, "Content Management").
 * UNSUPPORTED where the registry does not allow it. Layers stay until the registry sweeps them.
 */
export async function deleteRemote(
  store: Store,
  remote: RemoteRepository,
  reference: Reference,
  options: RemoteOptions,
): Promise<'tag' | 'manifest'> {
  if (reference.digest === undefined) {
    await deleteTag(remote, reference.tag ?? 'latest', options);
    return 'tag';
  }
  await deleteManifest(store, remote, reference.digest, options);
  return 'manifest';
}

async function deleteTag(
  remote: RemoteRepository,
  tag: string,
  { signal, onWait }: RemoteOptions,
): Promise<void> {
  const name = `${remote.registry}/${remote.repository}:${tag}`;
  const response = await remote.send({ method: 'DELETE', path: `manifests/${tag}`, signal, onWait });
  if (DELETED.has(response.status)) return response.discard();
  const refusal = await readRefusal(response);
  const error = refusalError(refusal, `delete ${name}`);
  // Registries without it say so, or take the tag for a digest that is wrong.
  if (error.code !== 'UNSUPPORTED' && refusal.code !== 'DIGEST_INVALID') throw error;
  throw new EngineError(
    'UNSUPPORTED',
    `cannot delete ${name}: the registry deletes no tags (${refusal.status})`,
    {
      hint: 'It may delete the manifest, with every tag that points at it: name it by its digest.',
    },
  );
}

async function deleteManifest(
  store: Store,
  remote: RemoteRepository,
  digest: Digest,
  options: RemoteOptions,
): Promise<void> {
  const { signal, onWait } = options;
  const subject = await subjectOf(remote, digest, options);
  const response = await remote.send({ method: 'DELETE', path: `manifests/${digest}`, signal, onWait });
  if (!DELETED.has(response.status)) {
    throw await registryError(response, `delete ${remote.registry}/${remote.repository}@${digest}`);
  }
  await response.discard();
  if (subject === undefined) return;
  const without = (entries: readonly Descriptor[]) => entries.filter((entry) => entry.digest !== digest);
  await changeReferrersTag(store, remote, subject.digest, without, options);
}

async function subjectOf(
  remote: RemoteRepository,
  digest: Digest,
  options: RemoteOptions,
): Promise<Descriptor | undefined> {
  const { bytes, mediaType } = await getDocument(remote.session, remote.repository, digest, options);
  return (isIndexType(mediaType) ? parseImageIndex(bytes) : parseManifest(bytes)).subject;
}
