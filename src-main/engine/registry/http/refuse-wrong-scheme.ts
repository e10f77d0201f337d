import { EngineError } from '../../../contract/errors.ts';
import { readLimited } from './read-limited.ts';
import type { HttpResponse } from './transport.ts';

const READ_BYTES = 64 * 1024;

/**
 * A server of https that is asked in plain http answers 400 and says so in prose, each in its own words. Any other answer
 * is handed on as it is.
 */
export async function refuseWrongScheme(response: HttpResponse, url: URL): Promise<HttpResponse> {
  if (url.protocol !== 'http:' || response.status !== 400) return response;
  const bytes = await readLimited(response, READ_BYTES, 'the error');
  if (!/\bhttp request\b.*\bhttps\b/is.test(Buffer.from(bytes).toString())) {
    return { ...response, body: once(bytes), discard: () => Promise.resolve() };
  }
  throw new EngineError(
    'REGISTRY',
    `cannot speak with ${url.host}: it was asked in plain http and speaks https`,
    {
      hint: 'Write https:// in registries.json.',
    },
  );
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes);
}
