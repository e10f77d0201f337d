import type { Digest } from '../../../contract/oci-types.ts';
import { isEngineError } from '../../../contract/errors.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { isManifestType } from '../../oci/media-types.ts';
import { DOCUMENT_LIMIT_BYTES } from '../../oci/parse-document.ts';
import type { Store } from '../../store/store.ts';
import { cosignTags } from '../remote/cosign-tags.ts';
import { findDocument } from '../remote/find-document.ts';
import { inParallel } from '../in-parallel.ts';
import { listReferrers } from '../remote/list-referrers.ts';
import { getDocument, mediaTypeOf, type RemoteDocument } from '../remote/remote-document.ts';
import type { RemoteOptions, RemoteRepository } from '../remote/remote-repository.ts';

/** Something that refers to a manifest or index of an image. */
export interface FoundReferrer {
  readonly subject: Digest;
  /** The tag that says so, where the document itself does not. */
  readonly tag?: string;
  readonly document: RemoteDocument;
  /** Its config and layers. */
  readonly blobs: readonly Descriptor[];
}

export interface FoundReferrers {
  readonly found: readonly FoundReferrer[];
  /** What there is besides, and is too much to come without being asked for. */
  readonly left: readonly Digest[];
}

/** What comes with an image at the most: signatures have some hundred bytes, an SBOM a few megabytes. */
const MOST_REFERRERS = 64;
const MOST_REFERRER_BYTES = 32 * 1024 * 1024;

/**
 * Finds what refers to an image: by the registry's list of referrers, and under cosign's tags. Never fails, for the image
 * is whole without: what a registry does not answer, or answers badly, is not there. Tries nothing twice.
 */
export async function findReferrers(
  store: Store,
  remote: RemoteRepository,
  subjects: readonly Digest[],
  options: RemoteOptions,
): Promise<FoundReferrers> {
  const search = new ReferrersSearch(store, remote, options);
  await inParallel(subjects, remote.session.settings.parallel, undefined, (subject) => search.ask(subject));
  return search.result();
}

class ReferrersSearch {
  private readonly store: Store;
  private readonly remote: RemoteRepository;
  private readonly options: RemoteOptions;
  private readonly found = new Map<string, FoundReferrer>();
  private readonly left = new Set<Digest>();
  private documentBytes = 0;

  constructor(store: Store, remote: RemoteRepository, options: RemoteOptions) {
    this.store = store;
    this.remote = onceOnly(remote);
    this.options = options;
  }

  /** The smallest come first: one big SBOM does not keep the signatures away. */
  result(): FoundReferrers {
    const found = [...this.found.values()].sort((a, b) => bytesOf(a) - bytesOf(b));
    let bytes = 0;
    const taken = found.filter((referrer, at) => {
      bytes += bytesOf(referrer);
      return at < MOST_REFERRERS && bytes <= MOST_REFERRER_BYTES;
    });
    for (const { document } of found.slice(taken.length)) this.left.add(document.digest);
    return { found: taken, left: [...this.left] };
  }

  async ask(subject: Digest): Promise<void> {
    await Promise.all([
      unlessItFails(this.askList(subject)),
      ...cosignTags(subject).map((tag) => unlessItFails(this.askTag(subject, tag))),
    ]);
  }

  private async askList(subject: Digest): Promise<void> {
    const listed = await listReferrers(this.remote, subject, { ...this.options, enough: MOST_REFERRERS });
    const manifests = listed.filter(({ mediaType }) => isManifestType(mediaType));
    for (const { digest } of manifests.slice(MOST_REFERRERS)) this.left.add(digest);
    await inParallel(
      manifests.slice(0, MOST_REFERRERS),
      this.remote.session.settings.parallel,
      undefined,
      ({ digest, mediaType }) => unlessItFails(this.take(subject, digest, { mediaType })),
    );
  }

  private async askTag(subject: Digest, tag: string): Promise<void> {
    const digest = await findDocument(this.remote, tag, this.options);
    if (digest !== undefined) await this.take(subject, digest, { tag });
  }

  private async take(
    subject: Digest,
    digest: Digest,
    { mediaType, tag }: { readonly mediaType?: string; readonly tag?: string },
  ): Promise<void> {
    if (this.found.size >= MOST_REFERRERS || this.documentBytes >= MOST_REFERRER_BYTES) {
      this.left.add(digest);
      return;
    }
    const document = await this.read(digest, mediaType);
    this.documentBytes += document.bytes.length;
    if (!isManifestType(document.mediaType)) return;
    const manifest = parseManifest(document.bytes);
    if (tag === undefined && manifest.subject?.digest !== subject) return;
    const blobs = [manifest.config, ...manifest.layers];
    const said = tag === undefined ? {} : { tag };
    this.found.set(`${subject} ${digest}`, { subject, document, blobs, ...said });
  }

  private async read(digest: Digest, mediaType: string | undefined): Promise<RemoteDocument> {
    const { store, remote, options } = this;
    if (!(await store.blobs.has(digest))) {
      return getDocument(remote.session, remote.repository, digest, { ...options, mediaType });
    }
    const { signal } = options;
    const bytes = await store.blobs.read(digest, { signal, limitBytes: DOCUMENT_LIMIT_BYTES });
    return { bytes, digest, mediaType: mediaTypeOf(bytes, digest, [mediaType]), rateLimit: undefined };
  }
}

function bytesOf({ document, blobs }: FoundReferrer): number {
  return blobs.reduce((sum, { size }) => sum + size, document.bytes.length);
}

async function unlessItFails(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isEngineError(error)) throw error;
  }
}

/** A registry that is slow or refuses is not asked again for what an image does without. */
function onceOnly({ session, ...remote }: RemoteRepository): RemoteRepository {
  return {
    ...remote,
    session: {
      get endpoint() {
        return session.endpoint;
      },
      settings: session.settings,
      send: (request) => session.send({ ...request, once: true }),
    },
    send: (request) => remote.send({ ...request, once: true }),
  };
}
