import type { EngineApi } from '../../contract/engine-api.ts';
import { EngineError } from '../../contract/errors.ts';
import type { RemoteImage, TagDetail } from '../../contract/remote-api.ts';
import { platformOfConfig } from '../image/choose-platform.ts';
import { entryPlatform, imageEntries } from '../oci/index-entries.ts';
import { historyRows } from '../image/history-rows.ts';
import { readableConfig } from '../image/image-detail.ts';
import { createImage } from '../image/open-image.ts';
import { familiarReference, parseReference, type Reference } from '../oci/reference.ts';
import { askInTurn } from '../registry/session/ask-in-turn.ts';
import { deleteRemote } from '../registry/remote/delete-remote.ts';
import { findDocument } from '../registry/remote/find-document.ts';
import { listNames } from '../registry/remote/list-names.ts';
import { listReferrers } from '../registry/remote/list-referrers.ts';
import type { Registries } from '../registry/open-registries.ts';
import { previewPush } from '../registry/push/preview-push.ts';
import { readRemoteImage, type RemoteImageDocuments } from '../registry/remote/read-remote-image.ts';
import { remoteRepository } from '../registry/remote/remote-repository.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import { findPushSource } from './push-source.ts';
import { bytesInRegistry } from '../oci/manifest.ts';

type RemoteArea = Pick<
  EngineApi['registries'],
  'repositories' | 'tags' | 'tagDetail' | 'remoteImage' | 'referrers' | 'pushPreview' | 'deleteRemote'
>;

/** The part of the `registries` area that looks at what registries hold. */
export function createRemoteCalls(store: Store, registries: Registries): RemoteArea {
  const read = (
    ref: string,
    options: LongOptions & { platform?: RemoteImage['platforms'][number] | undefined },
  ) =>
    askInTurn(registries, parseReference(ref).registry, (session) => {
      const reference = parseReference(ref);
      const remote = remoteRepository(session, reference, ['pull']);
      return readRemoteImage(remote, nameIn(reference), options);
    });
  return {
    repositories: ({ registry, ...page }, { signal } = {}) =>
      askInTurn(registries, registry, async (session) => {
        const scope = { actions: ['*' as const], catalog: true };
        const what = `list the repositories of ${registry}`;
        const list = { path: '_catalog', member: 'repositories' as const, scope, what };
        const { names, ...next } = await listNames(session, list, { ...page, signal });
        return { names: [...names], ...next };
      }),
    tags: ({ repository, ...page }, { signal } = {}) => {
      const reference = parseReference(repository);
      return askInTurn(registries, reference.registry, async (session) => {
        const scope = { repository: reference.repository, actions: ['pull' as const] };
        const what = `list the tags of ${reference.registry}/${reference.repository}`;
        const list = { path: `${reference.repository}/tags/list`, member: 'tags' as const, scope, what };
        const { names, ...next } = await listNames(session, list, { ...page, signal });
        return { tags: [...names], ...next };
      });
    },
    tagDetail: async ({ ref }, { signal } = {}) => tagDetail(await read(ref, { signal })),
    remoteImage: async ({ ref, platform }, { signal } = {}) =>
      remoteImage(store, await read(ref, { signal, platform })),
    referrers: ({ ref, artifactType }, { signal } = {}) => {
      const reference = parseReference(ref);
      return askInTurn(registries, reference.registry, async (session) => {
        const remote = remoteRepository(session, reference, ['pull']);
        const subject = reference.digest ?? (await findDocument(remote, nameIn(reference), { signal }));
        if (subject === undefined) throw notThere(reference);
        return { subject, referrers: await listReferrers(remote, subject, { signal, artifactType }) };
      });
    },
    pushPreview: async (request, { signal } = {}) => {
      const { source, target } = await findPushSource(store, request, { signal });
      return previewPush({ store, registries }, source, target, { signal });
    },
    deleteRemote: async ({ ref }, { signal } = {}) => {
      const reference = parseReference(ref);
      const session = await registries.own(reference.registry);
      const remote = remoteRepository(session, reference, ['pull', 'push', 'delete']);
      const deleted = await deleteRemote(store, remote, reference, { signal });
      return { deleted, name: familiarReference(reference) };
    },
  };
}

function nameIn(reference: Reference): string {
  return reference.digest ?? reference.tag ?? 'latest';
}

function notThere(reference: Reference): EngineError {
  return new EngineError('NOT_FOUND', `${reference.registry} has no ${familiarReference(reference)}`);
}

function tagDetail({ named, index, document, manifest, config }: RemoteImageDocuments): TagDetail {
  const listed = index === undefined ? [] : imageEntries(index.manifests).map(entryPlatform);
  const own = index === undefined && config !== undefined ? [platformOfConfig(config)] : [];
  const type = manifest.artifactType ?? manifest.config.mediaType;
  return {
    digest: named.digest,
    mediaType: named.mediaType,
    ...(config?.created == null ? {} : { createdAt: config.created }),
    sizeBytes: bytesInRegistry(manifest, document.bytes.length),
    platforms: [...listed.filter((platform) => platform !== undefined), ...own],
    ...(config === undefined ? { artifactType: type } : {}),
  };
}

async function remoteImage(store: Store, documents: RemoteImageDocuments): Promise<RemoteImage> {
  const { document, manifest, config } = documents;
  const { digest, mediaType } = document;
  const descriptor = { mediaType, digest, size: document.bytes.length };
  const image = config === undefined ? undefined : createImage(descriptor, manifest, config);
  const history = image === undefined ? [] : historyRows(image);
  const createdBy = new Map(history.map((row) => [row.layer, row.createdBy]));
  const layers: RemoteImage['layers'] = [];
  for (const [position, layer] of manifest.layers.entries()) {
    layers.push({
      position,
      digest: layer.digest,
      mediaType: layer.mediaType,
      sizeBytes: layer.size,
      createdBy: createdBy.get(position),
      isHere: await store.blobs.has(layer.digest),
    });
  }
  return {
    ...tagDetail(documents),
    manifest: digest,
    ...(image === undefined
      ? {}
      : {
          detail: {
            imageId: image.imageId,
            platform: image.platform,
            author: image.config.author,
            createdAt: image.config.created ?? undefined,
            config: readableConfig(image.config.config ?? {}),
            history,
          },
        }),
    layers,
  };
}
