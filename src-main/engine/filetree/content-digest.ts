import type { Digest } from '../../contract/oci-types.ts';
import { createDigester } from '../oci/digest.ts';
import type { TarItem } from '../tar/tar-entry.ts';

/** The digest of a file's content, which is read for it; undefined for everything but files. */
export async function contentDigest({ entry, content }: TarItem): Promise<Digest | undefined> {
  if (entry.type !== 'file') return undefined;
  const digester = createDigester();
  for await (const bytes of content) digester.update(bytes);
  return digester.digest();
}
