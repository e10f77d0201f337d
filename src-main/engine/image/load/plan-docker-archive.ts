import { EngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { digestOf } from '../../oci/digest.ts';
import { parseImageConfig } from '../../oci/image-config.ts';
import { MEDIA_TYPES } from '../../oci/media-types.ts';
import { cleanEntryName } from '../../tar/entry-name.ts';
import { encodeManifest } from '../encode-documents.ts';
import type { ArchiveBlob, ArchiveContents } from './archive-contents.ts';
import { tagsOf, type DockerManifest } from './docker-manifest.ts';
import type { ArchiveImage, LoadPlan } from './load-plan.ts';

/** Links that lead to links: more than this is a loop. */
const MAX_LINKS = 16;

/** The images of a docker-archive without an OCI layout: each gets an OCI manifest over its config as it is. */
export function planDockerArchive(contents: ArchiveContents, entries: DockerManifest): LoadPlan {
  const documents = new Map<Digest, Uint8Array>();
  const images = entries.map((entry) => planImage(contents, entry, documents));
  return { images, documents };
}

function planImage(
  contents: ArchiveContents,
  entry: DockerManifest[number],
  documents: Map<Digest, Uint8Array>,
): ArchiveImage {
  const configBytes = configOf(contents, entry.Config);
  const { diff_ids: diffIds } = parseImageConfig(configBytes).rootfs;
  const blobs = (entry.Layers ?? []).map((path) => layerOf(contents, path));
  if (blobs.length !== diffIds.length) {
    throw new EngineError(
      'CORRUPT',
      `${entry.Config} has ${diffIds.length} diff IDs and ${blobs.length} layers`,
    );
  }
  const config = {
    mediaType: MEDIA_TYPES.ociConfig,
    digest: digestOf(configBytes),
    size: configBytes.length,
  };
  const layers = blobs.map(({ digest, sizeBytes }) => {
    return { mediaType: MEDIA_TYPES.ociLayerGzip, digest, size: sizeBytes };
  });
  for (const blob of blobs) contents.blobs.set(blob.digest, blob);
  const manifest = encodeManifest({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers });
  const digest = digestOf(manifest);
  documents.set(config.digest, configBytes).set(digest, manifest);
  const descriptor = { mediaType: MEDIA_TYPES.ociManifest, digest, size: manifest.length };
  return { descriptor, names: tagsOf(entry) };
}

function configOf(contents: ArchiveContents, path: string): Uint8Array {
  const bytes = contents.files.get(followLinks(contents, path));
  if (bytes === undefined) throw missing(path);
  const hex = /([0-9a-f]{64})\.json$/.exec(path)?.[1];
  if (hex === undefined || digestOf(bytes) === `sha256:${hex}`) return bytes;
  throw new EngineError(
    'CORRUPT',
    `${path} in the archive is not what its name says: it is ${digestOf(bytes)}`,
  );
}

function layerOf(contents: ArchiveContents, path: string): ArchiveBlob {
  const blob = contents.legacyLayers.get(followLinks(contents, path));
  if (blob === undefined) throw missing(path);
  return blob;
}

/** Docker writes layers that several images have as links to one of them. */
function followLinks(contents: ArchiveContents, path: string): string {
  let at = cleanEntryName(path, `the path ${JSON.stringify(path)} in manifest.json`);
  for (let links = 0; links < MAX_LINKS; links++) {
    const next = contents.links.get(at);
    if (next === undefined) return at;
    at = next;
  }
  throw new EngineError('CORRUPT', `${path} in the archive goes round in a loop of links`);
}

function missing(path: string): EngineError {
  return new EngineError('CORRUPT', `the archive lacks ${path}`, {
    hint: 'It is incomplete: save it again.',
  });
}
