import type { Digest } from '../../../contract/oci-types.ts';
import { createDigester, digestOf } from '../../oci/digest.ts';
import type { SourceContent } from './source-tree.ts';

/** The digest of a file's bytes. */
export async function digestOfContent(content: SourceContent): Promise<Digest> {
  if (content instanceof Uint8Array) return digestOf(content);
  const digester = createDigester();
  for await (const chunk of content) digester.update(chunk);
  return digester.digest();
}
