import { EngineError } from '../../../contract/errors.ts';

/** More is no Dockerfile, wherever it came from (RULES, S8). */
const LIMIT_BYTES = 16 * 1024 * 1024;

/** A Dockerfile's text from its bytes as they come. LIMIT_EXCEEDED as soon as there are too many for one. */
export async function dockerfileText(bytes: AsyncIterable<Uint8Array>, name: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    length += chunk.length;
    if (length > LIMIT_BYTES) {
      throw new EngineError('LIMIT_EXCEEDED', `${name} has more than 16 MiB: that is no Dockerfile`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
