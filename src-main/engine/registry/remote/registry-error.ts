import { z } from 'zod';
import { EngineError, type ErrorCode } from '../../../contract/errors.ts';
import { retryAfterMs } from '../session/retry.ts';
import type { HttpResponse } from '../http/transport.ts';
import { parseJson } from '../../parse-json.ts';

/** An error document (distribution-spec, "Error Codes"); registries leave out what they like. */
const documentSchema = z.object({
  errors: z.array(z.object({ code: z.string().catch(''), message: z.string().catch('') })).min(1),
});

/** A registry's answer that is not what was asked for. */
export interface Refusal {
  readonly status: number;
  /** The first code of the error document, in capitals; empty when there is none. */
  readonly code: string;
  /** The registry's own words, on one line; empty when it said nothing. */
  readonly words: string;
}

interface Meaning {
  readonly fits: (answer: Refusal) => boolean;
  readonly code: ErrorCode;
  readonly says: string;
  readonly hint?: string;
}

const has = (answer: Refusal, codes: readonly string[]): boolean => codes.includes(answer.code);

/** The first that fits counts. What has no code of its own in the specification is known by the words alone. */
const MEANINGS: readonly Meaning[] = [
  {
    fits: ({ words }) => /immutable|cannot be overwritten/i.test(words),
    code: 'CONFLICT',
    says: 'the tag is there already and may not move',
    hint: 'Push to another tag, or let the registry’s owner allow it.',
  },
  {
    fits: ({ words }) => /quota|storage limit|configured upper limit/i.test(words),
    code: 'REGISTRY',
    says: 'there is no room left for you',
    hint: 'Delete what is not needed there, or ask for more room.',
  },
  {
    fits: (answer) => answer.status === 413 || has(answer, ['SIZE_INVALID']),
    code: 'REGISTRY',
    says: 'what is sent is too large for it',
    hint: 'A proxy before the registry may limit what one request can carry: "chunkMiB" in registries.json sends less.',
  },
  {
    fits: (answer) => answer.status === 405 || has(answer, ['UNSUPPORTED']),
    code: 'UNSUPPORTED',
    says: 'it does not offer this',
  },
  {
    fits: (answer) => answer.status === 401 || has(answer, ['UNAUTHORIZED']),
    code: 'UNAUTHORIZED',
    says: 'it wants a login',
    hint: 'Run "varve login" for this registry; the repository may also not exist.',
  },
  {
    fits: (answer) => answer.status === 403 || has(answer, ['DENIED']),
    code: 'UNAUTHORIZED',
    says: 'you may not do this',
    hint: 'The login may lack the right, or the name be another’s.',
  },
  {
    fits: (answer) => has(answer, ['NAME_INVALID', 'TAG_INVALID']),
    code: 'INVALID_INPUT',
    says: 'it takes no such name',
  },
  { fits: (answer) => has(answer, ['NAME_UNKNOWN']), code: 'NOT_FOUND', says: 'there is no such repository' },
  {
    fits: (answer) => has(answer, ['MANIFEST_BLOB_UNKNOWN']),
    code: 'REGISTRY',
    says: 'it has lost a blob that was just there',
    hint: 'Push again.',
  },
  { fits: ({ status }) => status === 404, code: 'NOT_FOUND', says: 'there is no such thing' },
  {
    fits: (answer) => answer.status === 429 || has(answer, ['TOOMANYREQUESTS']),
    code: 'REGISTRY',
    says: 'it limits the rate',
    hint: 'Try again later; a login often allows more.',
  },
];

/** The error for an answer that is not what was asked for; `what` continues "cannot". Reads the rest of the answer. */
export async function registryError(response: HttpResponse, what: string): Promise<EngineError> {
  const refusal = await readRefusal(response);
  const error = refusalError(refusal, what);
  const waitMs = retryAfterMs(response);
  if (refusal.status !== 429 || waitMs === undefined) return error;
  const hint = `It asks to be left alone for ${describeMs(waitMs)}. ${error.hint ?? ''}`.trim();
  return new EngineError(error.code, error.message, { hint });
}

function describeMs(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  if (minutes <= 1) return `${Math.ceil(ms / 1000)} s`;
  return minutes < 120 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}

/** What a refusal means, in words: `cannot delete localhost:5000/app:1: it does not offer this (405)`. */
export function refusalError(refusal: Refusal, what: string): EngineError {
  const meaning = MEANINGS.find(({ fits }) => fits(refusal));
  const told = refusal.words === '' ? `${refusal.status}` : `${refusal.status}: ${refusal.words}`;
  const says = meaning?.says ?? 'the registry refuses';
  return new EngineError(meaning?.code ?? 'REGISTRY', `cannot ${what}: ${says} (${told})`, {
    hint: meaning?.hint,
  });
}

/** Reads the rest of an answer as an error document. */
export async function readRefusal(response: HttpResponse): Promise<Refusal> {
  const parsed = documentSchema.safeParse(parseJson(await readText(response)));
  const first = parsed.success ? parsed.data.errors[0] : undefined;
  const code = (first?.code ?? '').toUpperCase();
  const words = (first?.message || first?.code || '').replaceAll(/[\s\p{C}]+/gu, ' ').trim();
  return { status: response.status, code, words: words.slice(0, MOST_WORDS) };
}

const MOST_WORDS = 300;
const READ_BYTES = 64 * 1024;

/** An answer that breaks off has said what it said. */
async function readText({ body }: HttpResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > READ_BYTES) break;
    }
  } catch (error) {
    if (!(error instanceof EngineError) || error.code === 'CANCELLED') throw error;
  }
  return Buffer.concat(chunks).toString('utf8');
}
