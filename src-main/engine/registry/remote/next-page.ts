import { endpointUrl } from '../config/endpoints.ts';
import type { RegistrySession } from '../session/session.ts';
import type { HttpResponse } from '../http/transport.ts';

/**
 * The next page of a list, as `Link` names it (RFC 8288; distribution-spec, "Listing Tags"); undefined on the last one.
 * `path` is where this page came from. A link to another origin is no page of this registry's.
 */
export function nextPage(
  { endpoint }: RegistrySession,
  response: HttpResponse,
  path: string | URL,
): URL | undefined {
  const link = response
    .headerValues('link')
    .flatMap((value) => [...value.matchAll(/<([^>]*)>([^<]*)/g)])
    .find(([, , parameters]) => /;\s*rel\s*=\s*"?next"?/i.test(parameters ?? ''));
  const base = path instanceof URL ? path : endpointUrl(endpoint, path);
  const address = link?.[1];
  if (address === undefined || !URL.canParse(address, base)) return undefined;
  const url = new URL(address, base);
  return url.host === base.host ? new URL(`${url.pathname}${url.search}`, base) : undefined;
}
