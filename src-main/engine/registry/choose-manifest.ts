import type { Digest, Platform } from '../../contract/oci-types.ts';
import { EngineError } from '../../contract/errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { parseImageIndex } from '../oci/image-index.ts';
import { isIndexType } from '../oci/media-types.ts';
import { formatPlatform, isSamePlatform } from '../oci/platform.ts';
import type { PullSource } from './pull-source.ts';
import type { DocumentOptions, RemoteDocument } from './remote-document.ts';

/** How deep image indexes may lie in each other (S8). */
const MOST_LEVELS = 4;

export interface ManifestQuestion extends Omit<DocumentOptions, 'mediaType'> {
  readonly platform: Platform;
  /** The image as people name it. */
  readonly name: string;
}

/** The manifest for a platform: the document itself, or the one that its index names. NOT_FOUND says what there is. */
export async function chooseManifest(
  source: PullSource,
  named: RemoteDocument,
  question: ManifestQuestion,
): Promise<RemoteDocument> {
  const { name, platform } = question;
  const platforms = new Set<string>();
  const found = await search(source, named, question, { platforms, seen: new Set(), level: 0 });
  if (found !== undefined) return found;
  const hint =
    platforms.size === 0
      ? 'It has no image that says for which platform it is.'
      : `It has: ${[...platforms].join(', ')}. Choose one with --platform.`;
  throw new EngineError('NOT_FOUND', `${name} has no image for ${formatPlatform(platform)}`, { hint });
}

interface Search {
  /** What was seen on the way. */
  readonly platforms: Set<string>;
  readonly seen: Set<Digest>;
  readonly level: number;
}

async function search(
  source: PullSource,
  document: RemoteDocument,
  question: ManifestQuestion,
  { platforms, seen, level }: Search,
): Promise<RemoteDocument | undefined> {
  if (!isIndexType(document.mediaType)) return document;
  if (level === MOST_LEVELS) {
    throw new EngineError('LIMIT_EXCEEDED', `${question.name} has image indexes in each other too deeply`);
  }
  seen.add(document.digest);
  const { manifests } = parseImageIndex(document.bytes);
  for (const { platform } of manifests) {
    if (platform !== undefined && platform.os !== 'unknown') platforms.add(formatPlatform(platform));
  }
  for (const entry of [...manifests.filter((each) => fits(each, question.platform)), ...inner(manifests)]) {
    if (seen.has(entry.digest)) continue;
    const next = await source.document(entry.digest, { ...question, mediaType: entry.mediaType });
    const found = await search(source, next, question, { platforms, seen, level: level + 1 });
    if (found !== undefined) return found;
  }
  return undefined;
}

function fits({ platform }: Descriptor, wanted: Platform): boolean {
  return platform !== undefined && isSamePlatform(platform as Platform, wanted);
}

/** Indexes that do not say what they are for. */
function inner(manifests: readonly Descriptor[]): readonly Descriptor[] {
  return manifests.filter(({ mediaType, platform }) => isIndexType(mediaType) && platform === undefined);
}
