import { z } from 'zod';
import { EngineError } from '../../contract/errors.ts';
import { endpointName, type Endpoint } from './endpoints.ts';
import type { HttpResponse } from './transport.ts';

/** A whole body; LIMIT_EXCEEDED says what it was when it is larger. */
export async function readLimited(
  response: HttpResponse,
  limitBytes: number,
  what: string,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > limitBytes)
      throw new EngineError('LIMIT_EXCEEDED', `${what} has more than ${limitBytes / 1024 / 1024} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** distribution-spec, "Error codes". */
const errorsSchema = z.object({
  errors: z.array(z.object({ code: z.string(), message: z.string().nullish() })).min(1),
});

const ERROR_LIMIT_BYTES = 64 * 1024;

/**
 * The error for an answer that is none of success; `what` is what was asked for ("app:1"). Reads the body: the
 * registry's own words are the reason.
 */
export async function refusal(
  response: HttpResponse,
  endpoint: Omit<Endpoint, 'tls'>,
  what: string,
): Promise<EngineError> {
  const name = endpointName(endpoint);
  const said = await readReason(response);
  const because = said === undefined ? '' : `: ${said}`;
  const { status } = response;
  if (status === 404) return new EngineError('NOT_FOUND', `${name} has no ${what}`);
  if (status === 401 || status === 403) {
    return new EngineError('UNAUTHORIZED', `${name} does not let you have ${what}${because}`, {
      hint: `It may be private, or not exist. Log in with: varve login ${endpoint.registry}`,
    });
  }
  if (status === 429) return rateLimited(response, name, endpoint.registry);
  return new EngineError('REGISTRY', `${name} answered ${status} for ${what}${because}`);
}

function rateLimited(response: HttpResponse, name: string, registry: string): EngineError {
  const after = response.header('retry-after');
  const until =
    after === undefined
      ? ''
      : /^\d+$/.test(after)
        ? `; it says to wait ${after} s`
        : `; it says to wait until ${after}`;
  return new EngineError('REGISTRY', `${name} limits the rate and takes no more requests now${until}`, {
    hint: `Who is logged in often may do more: varve login ${registry}`,
  });
}

/** What the registry says; undefined when it says nothing that it should. */
async function readReason(response: HttpResponse): Promise<string | undefined> {
  try {
    const text = Buffer.from(await readLimited(response, ERROR_LIMIT_BYTES, 'the error')).toString();
    const { errors } = errorsSchema.parse(JSON.parse(text));
    return errors
      .map(({ code, message }) => message ?? code)
      .join('; ')
      .slice(0, 300);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError || error instanceof EngineError)
      return undefined;
    throw error;
  }
}
