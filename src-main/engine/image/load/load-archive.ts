import { EngineError } from '../../../contract/errors.ts';
import type { EngineApi } from '../../../contract/engine-api.ts';
import type { TagEvent } from '../../../contract/images-api.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { putLayerRecord } from '../../filetree/layer-record.ts';
import { putTocRecord } from '../../filetree/toc-record.ts';
import { familiarReference, formatReference, parseReference, type Reference } from '../../oci/reference.ts';
import type { Lease, Store } from '../../store/store.ts';
import type { ArchiveBlob, ArchiveContents } from './archive-contents.ts';
import type { ItemsOptions } from './archive-items.ts';
import { checkImages } from './check-images.ts';
import { parseDockerManifest } from './docker-manifest.ts';
import type { LoadPlan } from './load-plan.ts';
import { planDockerArchive } from './plan-docker-archive.ts';
import { planOciLayout } from './plan-oci-layout.ts';
import { createContents, discard, readArchive } from './read-archive.ts';

export type LoadOptions = ItemsOptions & {
  readonly dryRun?: boolean | undefined;
  /** False takes the images in and leaves every tag where it is: what a build reads an OCI layout with. */
  readonly moveTags?: boolean | undefined;
};
export type LoadResult = Awaited<ReturnType<EngineApi['images']['load']>>;

/**
 * Imports a docker-archive, an OCI archive or an OCI layout folder, plain or compressed, in one pass. Nothing is
 * visible before all of it is verified; then its tags move in one transaction, and those that pointed elsewhere are
 * told (S11). After an error, and with `dryRun`, nothing has changed.
 */
export async function loadArchive(
  store: Store,
  path: string,
  options: LoadOptions = {},
): Promise<LoadResult> {
  await using lease = store.lease(`load ${path}`);
  const contents = createContents();
  try {
    await readArchive(store, path, contents, lease, options);
    const plan = planLoad(contents, path);
    const { needed, imageIds } = await checkImages(store, contents, plan, options);
    const images = plan.images.map(({ descriptor, names }) => ({
      digest: descriptor.digest,
      imageId: imageIds.get(descriptor.digest) ?? descriptor.digest,
      names: names.map(familiarReference),
    }));
    if (options.dryRun === true) return { images, moved: wouldMove(store, plan) };
    await commitBlobs(store, contents, plan, needed, lease);
    return { images, moved: publish(store, plan, options.moveTags ?? true) };
  } finally {
    await discard(contents);
  }
}

/** An archive with an OCI layout is read as one, so that manifests keep their digests. */
function planLoad(contents: ArchiveContents, path: string): LoadPlan {
  const index = contents.files.get('index.json');
  if (index !== undefined)
    return checkedPlan({ images: planOciLayout(contents, index), documents: new Map() }, path);
  const manifest = parseDockerManifest(contents);
  if (manifest !== undefined) return checkedPlan(planDockerArchive(contents, manifest), path);
  if (contents.files.has('repositories')) {
    throw new EngineError('UNSUPPORTED', `${path} was made by a Docker before 1.10`, {
      hint: 'Load it into a newer Docker and save it again.',
    });
  }
  throw new EngineError(
    'INVALID_INPUT',
    `${path} is no image archive: it has neither index.json nor manifest.json`,
    {
      hint: 'Archives come from varve save, docker save, podman save, skopeo copy or buildx.',
    },
  );
}

function checkedPlan(plan: LoadPlan, path: string): LoadPlan {
  if (plan.images.length > 0) return plan;
  throw new EngineError('INVALID_INPUT', `${path} has no images in it`);
}

async function commitBlobs(
  store: Store,
  contents: ArchiveContents,
  plan: LoadPlan,
  needed: ReadonlySet<Digest>,
  lease: Lease,
): Promise<void> {
  lease.add([...needed]);
  for (const digest of needed) {
    const document = plan.documents.get(digest);
    const blob = contents.blobs.get(digest);
    if (document !== undefined) await store.blobs.put(document);
    await blob?.ingest?.commit({ digest, sizeBytes: blob.sizeBytes });
    if (blob?.layer !== undefined) await recordLayer(store, blob, blob.layer);
  }
}

async function recordLayer(
  store: Store,
  { digest }: ArchiveBlob,
  { diffId, toc }: NonNullable<ArchiveBlob['layer']>,
): Promise<void> {
  await putTocRecord(store, toc);
  putLayerRecord(store, digest, { diffId, unpackedBytes: toc.unpackedBytes, blocks: toc.blocks });
}

function publish(store: Store, plan: LoadPlan, moveTags: boolean): TagEvent[] {
  for (const { descriptor } of plan.images) {
    store.images.add({
      digest: descriptor.digest,
      mediaType: descriptor.mediaType,
      sizeBytes: descriptor.size,
    });
  }
  if (!moveTags) return [];
  return store.tags
    .move(movesOf(plan), 'load')
    .filter(({ from }) => from !== undefined)
    .map((event) => ({ ...event, name: familiarReference(parseReference(event.name)) }));
}

/** Where an archive gives one name to several images, the last one has it. */
function movesOf(plan: LoadPlan): readonly { readonly reference: Reference; readonly digest: Digest }[] {
  const moves = plan.images.flatMap(({ descriptor, names }) =>
    names.map((reference) => ({ reference, digest: descriptor.digest })),
  );
  return [...new Map(moves.map((move) => [formatReference(move.reference), move])).values()];
}

function wouldMove(store: Store, plan: LoadPlan): TagEvent[] {
  const at = new Date().toISOString();
  return movesOf(plan).flatMap(({ reference, digest }) => {
    const from = store.tags.get(reference)?.digest;
    if (from === undefined || from === digest) return [];
    return { id: 0, name: familiarReference(reference), from, to: digest, at, cause: 'load' as const };
  });
}
