import type { Digest } from '../../../contract/oci-types.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import { askInTurn } from '../session/ask-in-turn.ts';
import type { Registries } from '../open-registries.ts';
import { registryError } from './registry-error.ts';
import type { RegistrySession } from '../session/session.ts';
import type { HttpResponse } from '../http/transport.ts';

/** Bytes of a blob as a registry sends them, not verified. */
interface BlobBytes {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly totalBytes: number | undefined;
}

/** One blob at a registry, of which also a part can be had; see `image/remote/remote-blob.ts` for the promises. */
interface OpenedBlob {
  readonly digest: Digest;
  open(options: LongOptions): Promise<BlobBytes>;
  openFrom(start: number, options: LongOptions): Promise<BlobBytes | undefined>;
}

interface Repository {
  readonly registry: string;
  readonly repository: string;
}

/** Which server gives the blob shows when it is opened first: mirrors are asked before the registry itself. */
export function openRemoteBlob(
  registries: Registries,
  { registry, repository }: Repository,
  digest: Digest,
): OpenedBlob {
  const what = `read ${registry}/${repository}@${digest}`;
  const get = (
    session: RegistrySession,
    options: LongOptions,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<HttpResponse> =>
    session.send({
      method: 'GET',
      path: `${repository}/blobs/${digest}`,
      headers,
      scope: { repository, actions: ['pull'] },
      signal: options.signal,
    });
  let serving: RegistrySession | undefined;
  return {
    digest,
    open: (options) =>
      askInTurn(registries, registry, async (session) => {
        const response = await get(session, options);
        if (response.status !== 200) throw await registryError(response, what);
        serving = session;
        return { bytes: response.body, totalBytes: lengthOf(response) };
      }),
    openFrom: async (start, options) => {
      if (serving === undefined) return undefined;
      const response = await get(serving, options, { range: `bytes=${start}-` });
      const isPart = response.status === 206 && isFrom(response, start);
      if (isPart) return { bytes: response.body, totalBytes: undefined };
      await response.discard();
      return undefined;
    },
  };
}

function lengthOf(response: HttpResponse): number | undefined {
  const length = response.header('content-length') ?? '';
  return /^\d+$/.test(length) ? Number(length) : undefined;
}

/** Whether the part is the one that was asked for (RFC 9110, 14.4). */
function isFrom(response: HttpResponse, start: number): boolean {
  return response.header('content-range')?.startsWith(`bytes ${start}-`) === true;
}
