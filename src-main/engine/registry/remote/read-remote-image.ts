import { EngineError } from '../../../contract/errors.ts';
import type { Digest, Platform } from '../../../contract/oci-types.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { parseImageConfig, type ImageConfig } from '../../oci/image-config.ts';
import { MAX_INDEX_DEPTH, parseImageIndex, type ImageIndex } from '../../oci/image-index.ts';
import { imageEntries } from '../../oci/index-entries.ts';
import { parseManifest, type Manifest } from '../../oci/manifest.ts';
import { isIndexType, isManifestType, MEDIA_TYPES } from '../../oci/media-types.ts';
import { formatPlatform, hostPlatform, isSamePlatform } from '../../oci/platform.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import { readConfig } from './read-config.ts';
import { getDocument, type RemoteDocument } from './remote-document.ts';
import { registryError } from './registry-error.ts';
import type { RemoteRepository } from './remote-repository.ts';

/** What a reference names at a registry, down to the config of one image. */
export interface RemoteImageDocuments {
  readonly named: RemoteDocument;
  /** Of an index that is named. */
  readonly index: ImageIndex | undefined;
  /** The image's manifest: `named` itself, or the chosen one of its index. */
  readonly document: RemoteDocument;
  readonly manifest: Manifest;
  /** Absent for what is no image. */
  readonly config: ImageConfig | undefined;
}

/**
 * Reads an image's documents, each proved by its digest, and no layer. Of an index it takes the image for `platform`;
 * without a wish that for this machine, else the first.
 */
export async function readRemoteImage(
  remote: RemoteRepository,
  reference: string,
  options: LongOptions & { readonly platform?: Platform | undefined },
): Promise<RemoteImageDocuments> {
  const named = await getDocument(remote.session, remote.repository, reference, options);
  let document = named;
  for (let depth = 0; isIndexType(document.mediaType); depth += 1) {
    if (depth === MAX_INDEX_DEPTH) {
      throw new EngineError('LIMIT_EXCEEDED', `the image index ${named.digest} is nested too deeply`);
    }
    const chosen = chooseEntry(parseImageIndex(document.bytes), document.digest, options.platform);
    document = await getDocument(remote.session, remote.repository, chosen.digest, options);
  }
  if (!isManifestType(document.mediaType)) {
    throw new EngineError('UNSUPPORTED', `${document.digest} is of type ${document.mediaType || 'unknown'}`);
  }
  const manifest = parseManifest(document.bytes);
  const index = isIndexType(named.mediaType) ? parseImageIndex(named.bytes) : undefined;
  return { named, index, document, manifest, config: await configOf(remote, manifest, options) };
}

function chooseEntry(index: ImageIndex, digest: Digest, wanted: Platform | undefined): Descriptor {
  const entries = imageEntries(index.manifests);
  const platform = wanted ?? hostPlatform();
  const fitting = entries.find(
    (entry) => entry.platform !== undefined && isSamePlatform(entry.platform, platform),
  );
  const chosen = fitting ?? (wanted === undefined ? (entries[0] ?? index.manifests[0]) : undefined);
  if (chosen !== undefined) return chosen;
  const there = entries.flatMap((entry) =>
    entry.platform === undefined ? [] : formatPlatform(entry.platform),
  );
  throw new EngineError('NOT_FOUND', `${digest} has no image for ${formatPlatform(platform)}`, {
    hint: there.length === 0 ? 'It names no images at all.' : `It has: ${there.join(', ')}.`,
  });
}

async function configOf(
  remote: RemoteRepository,
  { config }: Manifest,
  { signal }: LongOptions,
): Promise<ImageConfig | undefined> {
  if (config.mediaType !== MEDIA_TYPES.ociConfig && config.mediaType !== MEDIA_TYPES.dockerConfig)
    return undefined;
  const response = await remote.send({ method: 'GET', path: `blobs/${config.digest}`, signal });
  if (response.status !== 200) {
    throw await registryError(response, `read ${config.digest} in ${remote.registry}/${remote.repository}`);
  }
  return parseImageConfig(await readConfig(response, config));
}
