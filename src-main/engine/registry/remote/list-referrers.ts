import type { Referrer } from '../../../contract/remote-api.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { EngineError } from '../../../contract/errors.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { parseImageIndex } from '../../oci/image-index.ts';
import { MEDIA_TYPES } from '../../oci/media-types.ts';
import { DOCUMENT_LIMIT_BYTES } from '../../oci/parse-document.ts';
import { nextPage } from './next-page.ts';
import { readLimited } from '../http/read-limited.ts';
import { readReferrersTag } from '../push/referrers-tag.ts';
import { registryError } from './registry-error.ts';
import type { RemoteOptions, RemoteRepository } from './remote-repository.ts';
import type { HttpResponse } from '../http/transport.ts';

const MOST_PAGES = 100;

export interface ListReferrersOptions extends RemoteOptions {
  /** Only those of this type. */
  readonly artifactType?: string | undefined;
  /** Asks for no further page when there are so many. */
  readonly enough?: number | undefined;
}

/**
 * What says of itself that it belongs to `subject` (distribution-spec, "Listing Referrers"): by the API, else by the
 * tag that stands in for it.
 */
export async function listReferrers(
  remote: RemoteRepository,
  subject: Digest,
  options: ListReferrersOptions,
): Promise<Referrer[]> {
  const entries =
    (await askReferrers(remote, subject, options)) ?? (await readReferrersTag(remote, subject, options));
  const { artifactType } = options;
  return entries
    .filter((entry) => artifactType === undefined || entry.artifactType === artifactType)
    .map(toReferrer);
}

/** Undefined where the registry has no referrers API. */
async function askReferrers(
  remote: RemoteRepository,
  subject: Digest,
  options: ListReferrersOptions,
): Promise<readonly Descriptor[] | undefined> {
  const query =
    options.artifactType === undefined ? '' : `?artifactType=${encodeURIComponent(options.artifactType)}`;
  const entries: Descriptor[] = [];
  let path: string | URL | undefined = `referrers/${subject}${query}`;
  const { enough = Infinity } = options;
  for (let page = 0; path !== undefined && entries.length < enough; page += 1) {
    if (page === MOST_PAGES) throw new EngineError('LIMIT_EXCEEDED', `${subject} has too many referrers`);
    const { signal, onWait } = options;
    const response = await remote.send({ method: 'GET', path, headers: ACCEPT, signal, onWait });
    if (page === 0 && !isAnswered(response)) {
      await response.discard();
      return undefined;
    }
    if (response.status !== 200) throw await registryError(response, `list the referrers of ${subject}`);
    const bytes = await readLimited(response, DOCUMENT_LIMIT_BYTES, 'the list of referrers');
    entries.push(...parseImageIndex(bytes).manifests);
    path = nextPage(remote.session, response, path);
  }
  return entries;
}

const ACCEPT = { accept: MEDIA_TYPES.ociIndex };

/** A registry without the API answers 404, or gives a page of its own. Who may not ask is told so. */
function isAnswered(response: HttpResponse): boolean {
  if (response.status === 401 || response.status === 403 || response.status >= 429) return true;
  return response.status === 200 && (response.header('content-type') ?? '').startsWith(MEDIA_TYPES.ociIndex);
}

function toReferrer({ digest, mediaType, artifactType, size, annotations }: Descriptor): Referrer {
  return {
    digest,
    mediaType,
    sizeBytes: size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}
