import { cancelled } from '../../../contract/errors.ts';
import { failureOf } from '../http/network-failure.ts';
import type { TransferSettings } from '../config/registries-config.ts';
import type { HttpResponse } from '../http/transport.ts';

/** A pause before a request is made again. */
export interface Wait {
  readonly ms: number;
  /** For a person: `rate limited by docker.io`. */
  readonly why: string;
}

export type Outcome = { readonly response: HttpResponse } | { readonly error: unknown };

/** Statuses that say nothing about the next try. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const LONGEST_BACKOFF_MS = 30_000;

/** What decides whether a request is made again. */
export interface RetryQuestion {
  readonly outcome: Outcome;
  /** How often it has been made. */
  readonly attempt: number;
  readonly settings: TransferSettings;
  readonly host: string;
  /** Who has answered before may do so again, although it cannot be found now. */
  readonly hasAnswered: boolean;
}

/** The pause before the next try; undefined when there is to be none. */
export function waitBefore(question: RetryQuestion): Wait | undefined {
  const why = passingReason(question);
  if (why === undefined || question.attempt >= question.settings.attempts) return undefined;
  const asked = 'response' in question.outcome ? retryAfterMs(question.outcome.response) : undefined;
  if (asked === undefined) return { ms: backoffMs(question.attempt, question.settings), why };
  return asked > question.settings.longestWaitSeconds * 1000 ? undefined : { ms: asked, why };
}

function passingReason({ outcome, host, hasAnswered }: RetryQuestion): string | undefined {
  if ('response' in outcome) {
    const { status } = outcome.response;
    if (!PASSING_STATUSES.has(status)) return undefined;
    return status === 429 ? `rate limited by ${host}` : `${host} answered ${status}`;
  }
  const failure = failureOf(outcome.error);
  if (failure === undefined) return undefined;
  const mayPass = failure.kind === 'passing' || (failure.kind === 'down' && hasAnswered);
  return mayPass ? `${host}: ${failure.words}` : undefined;
}

/** For a person: `rate limited by docker.io, next try in 12 s`. */
export function describeWait({ why, ms }: Wait): string {
  return `${why}, next try in ${Math.max(1, Math.ceil(ms / 1000))} s`;
}

/** Exponential, with full jitter: clients that failed together do not come back together. */
export function backoffMs(attempt: number, { retrySeconds }: TransferSettings): number {
  return Math.random() * Math.min(LONGEST_BACKOFF_MS, retrySeconds * 1000 * 2 ** (attempt - 1));
}

/** `Retry-After` as seconds or as a date (RFC 9110, 10.2.3). */
export function retryAfterMs(response: HttpResponse, now = Date.now()): number | undefined {
  const text = response.header('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Resolves after that time; CANCELLED as soon as the signal fires. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(cancelled('The transfer'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted === true) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
