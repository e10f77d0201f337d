import { EngineError } from '../../../contract/errors.ts';
import type { Digest, Platform } from '../../../contract/oci-types.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { isDigest } from '../../oci/digest.ts';
import { parseImageIndex } from '../../oci/image-index.ts';
import { attestationOf, entriesFor, entryPlatform, imageEntries } from '../../oci/index-entries.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { isIndexType, isManifestType, MEDIA_TYPES } from '../../oci/media-types.ts';
import { DOCUMENT_LIMIT_BYTES } from '../../oci/parse-document.ts';
import { formatPlatform } from '../../oci/platform.ts';
import { familiarReference, type Reference } from '../../oci/reference.ts';
import type { Store } from '../../store/store.ts';
import type { PullSource } from './pull-source.ts';
import { mediaTypeOf, type DocumentOptions, type RemoteDocument } from '../remote/remote-document.ts';

/** What of an index is wanted: one platform's image with or without what attests it, or everything. */
export type PullWish =
  | { readonly kind: 'platform'; readonly platform: Platform; readonly attestations: boolean }
  | { readonly kind: 'all' };

export interface PlanOptions extends Pick<DocumentOptions, 'signal' | 'onWait'> {
  readonly wish: PullWish;
}

/** What has to be brought for an image. */
export interface PullPlan {
  /** What the reference names. */
  readonly named: RemoteDocument;
  /** The manifest of the platform that was wished for; of everything, the first image's. */
  readonly manifest: RemoteDocument;
  /** Manifests and indexes, each before those that refer to it. */
  readonly documents: readonly RemoteDocument[];
  /** Configs and layers, each once. */
  readonly blobs: readonly Descriptor[];
}

/** How deep image indexes may lie in each other, and how much they may name (S8). */
const MOST_LEVELS = 4;
const MOST_DOCUMENTS = 10_000;

const CONFIG_TYPES: ReadonlySet<string> = new Set([MEDIA_TYPES.ociConfig, MEDIA_TYPES.dockerConfig]);

/** Reads the documents of an image: those that the store has by their digest from there, the others from the registry. */
export async function planPull(
  from: { readonly store: Store; readonly source: PullSource },
  reference: Reference,
  options: PlanOptions,
): Promise<PullPlan> {
  const planner = new PullPlanner(from.store, from.source, familiarReference(reference), options);
  return planner.plan(reference.digest ?? reference.tag ?? 'latest');
}

class PullPlanner {
  private readonly store: Store;
  private readonly source: PullSource;
  private readonly name: string;
  private readonly options: PlanOptions;
  private readonly documents = new Map<Digest, RemoteDocument>();
  private readonly blobs = new Map<Digest, Descriptor>();
  private readonly seen = new Set<Digest>();
  private readonly platforms = new Set<string>();
  private manifest: RemoteDocument | undefined;

  constructor(store: Store, source: PullSource, name: string, options: PlanOptions) {
    this.store = store;
    this.source = source;
    this.name = name;
    this.options = options;
  }

  async plan(reference: string): Promise<PullPlan> {
    const { wish } = this.options;
    const named = await this.read(reference, undefined);
    if (wish.kind === 'all') await this.takeAll(named, 0);
    else if (!(await this.takePlatform(named, wish, 0))) throw this.noSuchPlatform(wish.platform);
    const { manifest } = this;
    if (manifest === undefined) {
      throw new EngineError('NOT_FOUND', `${this.name} names no image at all`);
    }
    return { named, manifest, documents: [...this.documents.values()], blobs: [...this.blobs.values()] };
  }

  private async read(reference: string, mediaType: string | undefined): Promise<RemoteDocument> {
    const { store, source, options } = this;
    if (!isDigest(reference) || !(await store.blobs.has(reference))) {
      return source.document(reference, { ...options, mediaType });
    }
    const limits = { signal: options.signal, limitBytes: DOCUMENT_LIMIT_BYTES };
    const bytes = await store.blobs.read(reference, limits);
    const type = mediaTypeOf(bytes, reference, [mediaType]);
    return { bytes, digest: reference, mediaType: type, rateLimit: undefined };
  }

  /** Takes a document with all that it refers to. */
  private async takeAll(document: RemoteDocument, level: number): Promise<void> {
    this.see(document, level);
    if (isIndexType(document.mediaType)) {
      for (const entry of ordered(parseImageIndex(document.bytes).manifests)) {
        if (this.seen.has(entry.digest)) continue;
        await this.takeAll(await this.read(entry.digest, entry.mediaType), level + 1);
      }
    } else this.takeManifest(document);
    this.documents.set(document.digest, document);
  }

  /** Takes the platform's manifest with the indexes that lead to it; false when there is none. */
  private async takePlatform(
    document: RemoteDocument,
    wish: Extract<PullWish, { kind: 'platform' }>,
    level: number,
  ): Promise<boolean> {
    this.see(document, level);
    if (isIndexType(document.mediaType)) {
      const { manifests } = parseImageIndex(document.bytes);
      const chosen = await this.choose(manifests, wish, level);
      if (chosen === undefined) return false;
      if (wish.attestations) await this.takeAttestations(manifests, chosen);
    } else this.takeImage(document);
    this.documents.set(document.digest, document);
    return true;
  }

  private async choose(
    manifests: readonly Descriptor[],
    wish: Extract<PullWish, { kind: 'platform' }>,
    level: number,
  ): Promise<Digest | undefined> {
    const images = imageEntries(manifests);
    for (const entry of images) {
      const platform = entryPlatform(entry);
      if (platform !== undefined) this.platforms.add(formatPlatform(platform));
    }
    for (const entry of [...entriesFor(images, wish.platform), ...untold(images)]) {
      if (this.seen.has(entry.digest)) continue;
      const next = await this.read(entry.digest, entry.mediaType);
      if (await this.takePlatform(next, wish, level + 1)) return entry.digest;
    }
    return undefined;
  }

  private async takeAttestations(manifests: readonly Descriptor[], subject: Digest): Promise<void> {
    for (const entry of manifests) {
      const isOwn = attestationOf(entry)?.subject === subject && isManifestType(entry.mediaType);
      if (isOwn) await this.takeAll(await this.read(entry.digest, entry.mediaType), MOST_LEVELS);
    }
  }

  private see({ digest }: RemoteDocument, level: number): void {
    if (level > MOST_LEVELS) {
      throw new EngineError('LIMIT_EXCEEDED', `${this.name} has image indexes in each other too deeply`);
    }
    if (this.seen.size >= MOST_DOCUMENTS) {
      throw new EngineError('LIMIT_EXCEEDED', `${this.name} names more than ${MOST_DOCUMENTS} manifests`);
    }
    this.seen.add(digest);
  }

  private takeImage(document: RemoteDocument): void {
    const { config, artifactType } = parseManifest(document.bytes);
    if (CONFIG_TYPES.has(config.mediaType)) return this.takeManifest(document);
    const what = artifactType ?? config.mediaType;
    throw new EngineError('UNSUPPORTED', `${this.name} is no image: it is ${what}`);
  }

  private takeManifest(document: RemoteDocument): void {
    const { config, layers } = parseManifest(document.bytes);
    for (const blob of [config, ...layers]) this.blobs.set(blob.digest, blob);
    if (CONFIG_TYPES.has(config.mediaType)) this.manifest ??= document;
  }

  private noSuchPlatform(platform: Platform): EngineError {
    const hint =
      this.platforms.size === 0
        ? 'It has no image that says for which platform it is.'
        : `It has: ${[...this.platforms].join(', ')}. Choose one with --platform.`;
    return new EngineError('NOT_FOUND', `${this.name} has no image for ${formatPlatform(platform)}`, {
      hint,
    });
  }
}

/** What can be read of an index, images before what attests them. */
function ordered(manifests: readonly Descriptor[]): readonly Descriptor[] {
  const known = manifests.filter(({ mediaType }) => isManifestType(mediaType) || isIndexType(mediaType));
  const images = imageEntries(known);
  return [...images, ...known.filter((entry) => !images.includes(entry))];
}

/** Indexes that do not say what they are for, and an only image that does not. */
function untold(images: readonly Descriptor[]): readonly Descriptor[] {
  return images.filter(
    ({ mediaType, platform }) => platform === undefined && (isIndexType(mediaType) || images.length === 1),
  );
}
