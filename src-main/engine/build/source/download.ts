import { createWriteStream } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { createDigester, digestAlgorithm } from '../../oci/digest.ts';
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

/** Downloads to a new file with mode 0600 and the server's time of change, 1970 when it names none. CORRUPT when the digest is another. */
export async function download(
  url: string,
  path: string,
  options: LongOptions & { readonly checksum?: Digest | undefined },
): Promise<void> {
  const response = await request(url, options.signal);
  const digester = createDigester(
    options.checksum === undefined ? 'sha256' : digestAlgorithm(options.checksum),
  );
  const hashed = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of response.body ?? []) {
      digester.update(chunk as Uint8Array);
      yield chunk as Uint8Array;
    }
  };
  await pipeline(Readable.from(hashed()), createWriteStream(path, { mode: 0o600, flags: 'wx' }), {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const found = digester.digest();
  if (options.checksum !== undefined && found !== options.checksum) {
    throw new EngineError('CORRUPT', `digest mismatch for ${url}: ${found}`, {
      hint: `--checksum says ${options.checksum}.`,
    });
  }
  const time = Date.parse(response.headers.get('last-modified') ?? '') / 1000;
  const seconds = Number.isFinite(time) ? time : 0;
  await utimes(path, seconds, seconds);
}

/** Credentials in the address go into the header for them. */
function requestOf(text: string, signal: AbortSignal | undefined): [URL, RequestInit] {
  const url = new URL(text);
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  const options = signal === undefined ? {} : { signal };
  if (credentials === ':') return [url, options];
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  return [url, { ...options, headers: { authorization } }];
}

async function request(url: string, signal: AbortSignal | undefined): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(...requestOf(url, signal));
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw new EngineError('IO', `cannot download ${url}`, {
      cause,
      hint: 'Check the address and the network.',
    });
  }
  if (response.ok) return response;
  await response.body?.cancel();
  throw new EngineError('NOT_FOUND', `cannot download ${url}: the server answered ${response.status}`, {
    hint: 'Check the address.',
  });
}
