import { EngineError } from '../../../contract/errors.ts';
import type { HttpResponse } from './transport.ts';

/** A whole body; LIMIT_EXCEEDED says what it was when it is larger. */
export async function readLimited(
  response: HttpResponse,
  limitBytes: number,
  what: string,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > limitBytes)
      throw new EngineError('LIMIT_EXCEEDED', `${what} has more than ${limitBytes / 1024 / 1024} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
