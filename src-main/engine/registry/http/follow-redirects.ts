import { EngineError } from '../../../contract/errors.ts';
import { isLoopback } from './is-loopback.ts';
import type { HttpResponse } from './transport.ts';

const MOST_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface FollowOptions {
  /** Who is asked first, for messages. */
  readonly name: string;
  /** Whether https may lead to plain http. */
  readonly mayBecomePlain: boolean;
}

/**
 * The answer at the end of a chain of redirects; `ask` sees each address and decides what to send there (S10). REGISTRY
 * for a circle, a chain that is too long, and what leads where it must not.
 */
export async function followRedirects(
  start: URL,
  { name, mayBecomePlain }: FollowOptions,
  ask: (url: URL) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  let url = start;
  const seen = new Set<string>();
  while (seen.size <= MOST_REDIRECTS) {
    seen.add(url.href);
    const response = await ask(url);
    const location = response.header('location');
    if (!REDIRECTS.has(response.status) || location === undefined) return response;
    await response.discard();
    url = redirected(url, location, { name, mayBecomePlain });
    if (seen.has(url.href)) throw new EngineError('REGISTRY', `${name} redirects in a circle`);
  }
  throw new EngineError('REGISTRY', `${name} redirects more than ${MOST_REDIRECTS} times`);
}

function redirected(from: URL, location: string, { name, mayBecomePlain }: FollowOptions): URL {
  const to = URL.canParse(location, from) ? new URL(location, from) : undefined;
  const mayBePlain = mayBecomePlain || from.protocol === 'http:' || isLoopback(to?.host ?? '');
  if (to?.protocol === 'https:' || (to?.protocol === 'http:' && mayBePlain)) return to;
  throw new EngineError('REGISTRY', `${name} redirects to ${to?.origin ?? 'no address'}`, {
    hint: 'Only https is followed from a server that is asked by https.',
  });
}
