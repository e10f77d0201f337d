import type { EngineApi } from '../../contract/engine-api.ts';
import { EngineError } from '../../contract/errors.ts';
import type { PushedBlob, TagEvent } from '../../contract/images-api.ts';
import type { Digest } from '../../contract/oci-types.ts';
import { imageDetail } from '../image/image-detail.ts';
import { imageRows } from '../image/image-rows.ts';
import { imageLayerRows } from '../image/layer-rows.ts';
import { loadArchive } from '../image/load/load-archive.ts';
import { resolveImage } from '../image/resolve-image.ts';
import { saveArchive } from '../image/save/save-archive.ts';
import { hostPlatform } from '../oci/platform.ts';
import { familiarReference, formatReference, parseReference, type Reference } from '../oci/reference.ts';
import type { Registries } from '../registry/open-registries.ts';
import type { PullWish } from '../registry/pull/plan-pull.ts';
import { pullImage } from '../registry/pull/pull-image.ts';
import { pushImage } from '../registry/push/push-image.ts';
import { recordPull } from '../store/record-pull.ts';
import type { Store, TagCause } from '../store/store.ts';
import { findPushSource } from './push-source.ts';

/** The `images` area on a store. */
export function createImagesCalls(store: Store, registries: Registries): EngineApi['images'] {
  return {
    list: (params) => imageRows(store, params),
    inspect: ({ ref }) => imageDetail(store, ref),
    layers: ({ ref }, options = {}) => imageLayerRows(store, ref, options),
    tag: async ({ source, target }) => {
      const reference = parseTag(target);
      const { descriptor } = await resolveImage(store, source);
      return moveTag(store, reference, descriptor.digest, 'tag');
    },
    rename: ({ source, target }) => renameTag(store, parseName(source), parseTag(target)),
    untag: async ({ name }) => familiarEvent(store.tags.remove(parseName(name), 'untag')),
    undo: async ({ name, event }) => familiarEvent(store.tags.undo(parseName(name), event)),
    tagHistory: async ({ name, limit }) =>
      store.tags.history(name === undefined ? undefined : parseName(name), limit).map(familiarEvent),
    load: ({ path, dryRun }, options = {}) =>
      loadArchive(store, path, { ...options, dryRun: dryRun ?? false }),
    pull: async (request, options = {}) => {
      const { ref, platform = hostPlatform(), allPlatforms = false, referrers = true, parallel } = request;
      const reference = parseReference(ref);
      const wish: PullWish = allPlatforms
        ? { kind: 'all' }
        : { kind: 'platform', platform, attestations: true };
      const pulled = await pullImage({ store, registries }, reference, {
        ...options,
        wish,
        parallel,
        referrers,
      });
      const { digest, transferredBytes, rateLimit } = pulled;
      const event = recordPull(store, reference, digest);
      return {
        digest,
        name: formatReference(reference),
        transferredBytes,
        notes: pulled.leftReferrers.map(
          (left) =>
            `${left} refers to the image and was left at the registry: it is too much to come with it.`,
        ),
        ...(event === undefined ? {} : { event: familiarEvent(event) }),
        ...(rateLimit === undefined ? {} : { rateLimit }),
      };
    },
    push: async (request, options = {}) => {
      const { source, target } = await findPushSource(store, request, options);
      const { root, blobs, notes } = await pushImage({ store, registries }, source, target, options);
      const bytesOf = (outcome: PushedBlob['outcome']): number =>
        blobs.reduce((sum, blob) => (blob.outcome === outcome ? sum + blob.sizeBytes : sum), 0);
      return {
        digest: root.digest,
        target: familiarReference(target),
        sizeBytes: root.size,
        uploadedBytes: bytesOf('uploaded'),
        mountedBytes: bytesOf('mounted'),
        thereBytes: bytesOf('there'),
        blobs: [...blobs],
        notes: [...notes],
      };
    },
    save: ({ refs, path, format }, options = {}) => saveArchive(store, refs, path, { ...options, format }),
  };
}

/** A name that an image is kept under: by tag, or by the digest that it was pulled by. */
function parseName(name: string): Reference {
  const reference = parseReference(name);
  return reference.tag === undefined ? reference : parseTag(name);
}

/** A name that can be a tag: no digest in it. */
function parseTag(name: string): Reference {
  const reference = parseReference(name);
  if (reference.digest === undefined) return reference;
  throw new EngineError('INVALID_INPUT', `${name} names a digest, and a digest never moves`, {
    hint: 'Write a tag: name:tag.',
  });
}

/** The move's event; for a tag that was there already, the event that brought it there. */
function moveTag(store: Store, reference: Reference, digest: Digest, cause: TagCause): TagEvent {
  const event = store.tags.move([{ reference, digest }], cause)[0] ?? store.tags.history(reference, 1)[0];
  if (event !== undefined) return familiarEvent(event);
  throw new EngineError('INTERNAL', `the history of ${formatReference(reference)} is empty`);
}

async function renameTag(store: Store, source: Reference, target: Reference): Promise<TagEvent[]> {
  const row = store.tags.get(source);
  if (row === undefined) {
    throw new EngineError('NOT_FOUND', `there is no tag ${familiarReference(source)}`);
  }
  if (formatReference(source) === formatReference(target)) return [];
  const arrived = moveTag(store, target, row.digest, 'tag');
  return [arrived, familiarEvent(store.tags.remove(source, 'untag'))];
}

function familiarEvent(event: TagEvent): TagEvent {
  return { ...event, name: familiarReference(parseReference(event.name)) };
}
