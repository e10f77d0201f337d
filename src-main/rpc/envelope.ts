import { z } from 'zod';
import { ERROR_CODES } from '../contract/errors.ts';
import { sourceLocationSchema } from '../contract/oci-types.ts';

/** An EngineError on the wire; its cause and stack stay in the process that threw it. */
export const wireErrorSchema = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  hint: z.string().optional(),
  location: sourceLocationSchema.optional(),
  excerpt: z.string().optional(),
});
export type WireError = z.output<typeof wireErrorSchema>;

const id = z.number().int().nonnegative();

/** Caller to engine. Call numbers are the caller's and count within one port. */
export const requestSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('call'),
    id,
    area: z.string(),
    method: z.string(),
    params: z.unknown(),
  }),
  z.object({ type: z.literal('cancel'), id }),
]);
export type Request = z.output<typeof requestSchema>;

/**
 * Engine to caller. A call gets any number of `progress` batches and then exactly one `result` or `error`; what
 * the engine said first arrives first, over all calls and events of a port.
 */
export const responseSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), id, items: z.array(z.unknown()) }),
  z.object({ type: z.literal('result'), id, value: z.unknown() }),
  z.object({ type: z.literal('error'), id, error: wireErrorSchema }),
  z.object({ type: z.literal('event'), name: z.string(), payload: z.unknown() }),
]);
export type Response = z.output<typeof responseSchema>;
