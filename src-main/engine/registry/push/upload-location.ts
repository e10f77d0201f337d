import { endpointUrl } from '../config/endpoints.ts';
import type { RemoteRepository } from '../remote/remote-repository.ts';
import type { HttpResponse } from '../http/transport.ts';

/**
 * Where an upload goes on, as the registry has just said; undefined when it said nothing that can be used. A registry
 * behind a proxy often names itself by http: what was begun by https is never continued without it.
 */
export function uploadLocation(
  { session: { endpoint }, repository }: RemoteRepository,
  response: HttpResponse,
): URL | undefined {
  const location = response.header('location');
  const base = endpointUrl(endpoint, `${repository}/blobs/uploads/`);
  if (location === undefined || !URL.canParse(location, base)) return undefined;
  const url = new URL(location, base);
  if (base.protocol === 'http:' || url.protocol === 'https:') return url;
  if (url.hostname !== base.hostname) return undefined;
  url.protocol = 'https:';
  url.port = base.port;
  return url;
}
