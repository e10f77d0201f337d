import { EngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { DOCUMENT_LIMIT_BYTES } from '../../oci/parse-document.ts';
import type { Store } from '../../store/store.ts';
import type { ArchiveContents } from './archive-contents.ts';

/** A document of the archive or of the store by digest; CORRUPT when neither has it. */
export async function readArchiveDocument(
  store: Store,
  contents: ArchiveContents,
  digest: Digest,
): Promise<Uint8Array> {
  const blob = contents.blobs.get(digest);
  if (blob?.document !== undefined) return blob.document;
  if (blob?.ingest !== undefined) throw new EngineError('CORRUPT', `${digest} in the archive is no document`);
  if (await store.blobs.has(digest)) return store.blobs.read(digest, { limitBytes: DOCUMENT_LIMIT_BYTES });
  throw missingBlob(digest);
}

export function missingBlob(digest: Digest): EngineError {
  return new EngineError('CORRUPT', `the archive lacks ${digest}`, {
    hint: 'It is incomplete: save it again.',
  });
}
