import { EngineError, isEngineError, type ErrorCode } from '../../../contract/errors.ts';

/** Failures that another server may not have. */
const OF_THE_SERVER: ReadonlySet<ErrorCode> = new Set([
  'NOT_FOUND',
  'REGISTRY',
  'UNAUTHORIZED',
  'CORRUPT',
  'LIMIT_EXCEEDED',
  'UNSUPPORTED',
]);

/** The first that succeeds. Where all fail, the last one's failure counts: the registry comes after its mirrors. */
export async function tryEach<Place, Result>(
  places: readonly Place[],
  attempt: (place: Place) => Promise<Result>,
): Promise<Result> {
  const failures: EngineError[] = [];
  for (const place of places) {
    try {
      return await attempt(place);
    } catch (error) {
      if (!isEngineError(error) || !OF_THE_SERVER.has(error.code)) throw error;
      failures.push(error);
    }
  }
  throw combined(failures);
}

function combined(failures: readonly EngineError[]): EngineError {
  const last = failures.at(-1);
  if (last === undefined) return new EngineError('INTERNAL', 'there is nowhere to ask');
  const before = failures.slice(0, -1).map(({ message }) => message);
  if (before.length === 0) return last;
  const hint = `${last.hint === undefined ? '' : `${last.hint} `}Tried before: ${before.join('; ')}.`;
  return new EngineError(last.code, last.message, { hint, cause: last });
}
