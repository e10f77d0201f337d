import { createWriteStream } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { cancelled, EngineError, isEngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { createDigester, digestAlgorithm } from '../../oci/digest.ts';
import { followRedirects } from '../../registry/http/follow-redirects.ts';
import { createTransport, type HttpResponse, type Transport } from '../../registry/http/transport.ts';
import type { LongOptions } from '../../store/blob-store.ts';

/** The name that a URL's file has at a destination that is a folder. */
export function fileNameOf(url: string): string {
  const path = URL.canParse(url) ? decodePath(new URL(url).pathname) : '';
  const name = path.replace(/\/+$/, '').split('/').at(-1) ?? '';
  return name === '' || name === '.' ? '__unnamed__' : name;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // Not an encoding: then it is meant as it stands.
    return path;
  }
}

const TIMEOUTS = { connectMs: 30_000, stallMs: 60_000 };

/**
 * Downloads to a new file with mode 0600 and the server's time of change, 1970 when it names none; through the proxy that
 * the environment names. CORRUPT when the digest is another.
 */
export async function download(
  url: string,
  path: string,
  options: LongOptions & { readonly checksum?: Digest | undefined },
): Promise<void> {
  const transport = createTransport({ env: process.env });
  try {
    const response = await request(transport, url, options.signal);
    await save(response, url, path, options);
    const time = Date.parse(response.header('last-modified') ?? '') / 1000;
    const seconds = Number.isFinite(time) ? time : 0;
    await utimes(path, seconds, seconds);
  } finally {
    await transport.close();
  }
}

async function save(
  { body }: HttpResponse,
  url: string,
  path: string,
  { signal, checksum }: LongOptions & { readonly checksum?: Digest | undefined },
): Promise<void> {
  const digester = createDigester(checksum === undefined ? 'sha256' : digestAlgorithm(checksum));
  const hashed = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      digester.update(chunk);
      yield chunk;
    }
  };
  const file = createWriteStream(path, { mode: 0o600, flags: 'wx' });
  await pipeline(Readable.from(hashed()), file, signal === undefined ? {} : { signal }).catch(
    (error: unknown) => {
      throw signal?.aborted === true ? cancelled(`the download of ${url}`) : failed(url, error);
    },
  );
  const found = digester.digest();
  if (checksum === undefined || found === checksum) return;
  throw new EngineError('CORRUPT', `digest mismatch for ${url}: ${found}`, {
    hint: `--checksum says ${checksum}.`,
  });
}

async function request(
  transport: Transport,
  url: string,
  signal: AbortSignal | undefined,
): Promise<HttpResponse> {
  const { address, headers } = requestOf(url);
  const how = { name: address.host, mayBecomePlain: true };
  const response = await followRedirects(address, how, (at) =>
    transport.request({
      method: 'GET',
      url: at,
      headers: at.origin === address.origin ? headers : {},
      timeouts: TIMEOUTS,
      signal,
    }),
  ).catch((error: unknown) => {
    throw signal?.aborted === true ? cancelled(`the download of ${url}`) : failed(url, error);
  });
  if (response.status === 200) return response;
  await response.discard();
  throw new EngineError('NOT_FOUND', `cannot download ${url}: the server answered ${response.status}`, {
    hint: 'Check the address.',
  });
}

/** Credentials in the address go into the header for them. */
function requestOf(text: string): { readonly address: URL; readonly headers: Record<string, string> } {
  const address = new URL(text);
  const credentials = `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`;
  address.username = '';
  address.password = '';
  if (credentials === ':') return { address, headers: {} };
  return { address, headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } };
}

function failed(url: string, cause: unknown): EngineError {
  const why = isEngineError(cause, 'REGISTRY') ? `: ${cause.message}` : '';
  return new EngineError('IO', `cannot download ${url}${why}`, {
    cause,
    hint: 'Check the address and the network.',
  });
}
