import type { RateLimit } from '../../../contract/oci-types.ts';
import type { HttpResponse } from '../http/transport.ts';

/** What Docker Hub says of how much more may be pulled: `ratelimit-remaining: 76;w=21600`. */
export function rateLimitOf(response: HttpResponse): RateLimit | undefined {
  const limit = parse(response.header('ratelimit-limit'));
  const remaining = parse(response.header('ratelimit-remaining'));
  if (limit === undefined || remaining === undefined) return undefined;
  return { limit: limit.count, remaining: remaining.count, windowSeconds: limit.seconds };
}

function parse(text: string | undefined): { readonly count: number; readonly seconds: number } | undefined {
  const [, count, seconds] = /^\s*(\d+)(?:\s*;\s*w=(\d+))?/.exec(text ?? '') ?? [];
  return count === undefined ? undefined : { count: Number(count), seconds: Number(seconds ?? 0) };
}
