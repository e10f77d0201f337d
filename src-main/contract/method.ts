import type { z } from 'zod';

/**
 * One call of the contract: what goes in, what comes out, and what is reported on the way. The schemas are the
 * boundary: every transport parses with them, so nothing behind a boundary sees an unparsed value.
 */
export interface Method<
  Params extends z.ZodType = z.ZodType,
  Result extends z.ZodType = z.ZodType,
  Progress extends z.ZodType = z.ZodType,
> {
  readonly params: Params;
  readonly result: Result;
  readonly progress: Progress;
}

/** Names a method's schemas; a method without progress takes `z.never()`. */
export function method<Params extends z.ZodType, Result extends z.ZodType, Progress extends z.ZodType>(
  schemas: Method<Params, Result, Progress>,
): Method<Params, Result, Progress> {
  return schemas;
}

/** What every call takes beside its parameters. Aborting the signal makes the call reject with `CANCELLED`. */
export interface CallOptions<Progress> {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** The function that a method describes. */
export type Call<M extends Method> = (
  params: z.input<M['params']>,
  options?: CallOptions<z.output<M['progress']>>,
) => Promise<z.output<M['result']>>;

/** An area of the contract: methods by name. */
export type Area = Readonly<Record<string, Method>>;

/** The functions that an area describes. */
export type Calls<A extends Area> = { readonly [Name in keyof A]: Call<A[Name]> };
