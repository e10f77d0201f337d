import { cancelled, EngineError } from '../contract/errors.ts';
import { findMethod } from './contract-of.ts';
import type { AnyCall, ApiOf, Contract } from './contract-of.ts';
import { parseParams } from './parse-with.ts';
import { toEngineError } from './engine-error.ts';
import type { RpcLog } from './rpc-log.ts';

export interface CallRequest {
  readonly area: string;
  readonly method: string;
  readonly params: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((item: unknown) => void) | undefined;
}

/** Makes one call as every boundary does: parameters parsed first, rejections always an EngineError. */
export async function performCall<C extends Contract>(
  contract: C,
  api: ApiOf<C>,
  request: CallRequest,
  log: RpcLog,
): Promise<unknown> {
  const call = `${request.area}.${request.method}`;
  const method = findMethod(contract, request.area, request.method);
  if (method === undefined) throw new EngineError('INVALID_INPUT', `There is no call ${call}.`);
  const params = parseParams(method.params, request.params, call);
  if (request.signal?.aborted === true) throw cancelled(call);
  try {
    return await callOf(api, request)(params, { signal: request.signal, onProgress: request.onProgress });
  } catch (error) {
    throw toEngineError(error, call, log, request.signal);
  }
}

function callOf<C extends Contract>(api: ApiOf<C>, { area, method }: CallRequest): AnyCall {
  // `findMethod` has shown that the contract, and so the API, has this call; the schemas have parsed its input.
  const areas = api as unknown as Readonly<Record<string, Readonly<Record<string, AnyCall>>>>;
  const call = areas[area]?.[method];
  if (call === undefined) throw new EngineError('UNSUPPORTED', `This engine has no ${area}.${method}.`);
  return call;
}
