import type { Digest } from '../../../contract/oci-types.ts';
import { createDigester, digestOf } from '../../oci/digest.ts';
import type { DigestOptions, SourceContent } from './source-tree.ts';

/** The digest of a file's bytes. */
export async function digestOfContent(
  content: SourceContent,
  onRead?: DigestOptions['onRead'],
): Promise<Digest> {
  if (content instanceof Uint8Array) {
    const turn = onRead?.(content.length);
    if (turn !== undefined) await turn;
    return digestOf(content);
  }
  const digester = createDigester();
  for await (const chunk of content) {
    digester.update(chunk);
    const turn = onRead?.(chunk.length);
    if (turn !== undefined) await turn;
  }
  return digester.digest();
}
