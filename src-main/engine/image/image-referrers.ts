import { isEngineError } from '../../contract/errors.ts';
import type { ImagePart, ImageReferrer } from '../../contract/images-api.ts';
import type { Digest } from '../../contract/oci-types.ts';
import { parseManifest, type Manifest } from '../oci/manifest.ts';
import { referrerKind } from '../oci/referrer-kind.ts';
import type { ReferrerRecord, Store } from '../store/store.ts';
import { contentBytes } from './content-bytes.ts';

/** What is kept with an image and with what its index names, signatures first. */
export async function imageReferrers(
  store: Store,
  digest: Digest,
  parts: readonly ImagePart[],
): Promise<ImageReferrer[]> {
  const subjects = [digest, ...parts.map((part) => part.digest)];
  const records = subjects.flatMap((subject) => store.referrers.of(subject));
  const referrers: ImageReferrer[] = [];
  for (const record of records) referrers.push(await describe(store, record));
  return referrers.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

const ORDER: readonly ImageReferrer['kind'][] = ['signature', 'attestation', 'sbom', 'artifact'];

async function describe(store: Store, record: ReferrerRecord): Promise<ImageReferrer> {
  const manifest = await readManifest(store, record);
  const { kind, types } = manifest === undefined ? UNREADABLE : referrerKind(manifest, record.tag);
  const sizeBytes = record.sizeBytes + (manifest === undefined ? 0 : contentBytes(manifest));
  return { ...record, kind, types, sizeBytes };
}

const UNREADABLE: Pick<ImageReferrer, 'kind' | 'types'> = { kind: 'artifact', types: [] };

/** Undefined for one that is missing or damaged: that is for verify to tell, and hides no image. */
async function readManifest(store: Store, { digest }: ReferrerRecord): Promise<Manifest | undefined> {
  try {
    return parseManifest(await store.blobs.read(digest));
  } catch (error) {
    if (isEngineError(error)) return undefined;
    throw error;
  }
}
