import type { LongOptions } from '../../store/blob-store.ts';
import type { Claim, Claims, Moment } from '../../store/store.ts';

export interface StepClaimOptions extends LongOptions {
  readonly onWait?: (() => void) | undefined;
  /** Who has been at it since before is not waited for. */
  readonly since?: Moment | undefined;
}

/**
 * Takes the making of a step. Who has had it since before `since` is not waited for, since what comes of that is of no
 * use here: then a claim beside that one is taken, for which others can wait in turn.
 */
export async function claimStep(
  claims: Claims,
  key: string,
  { since, ...options }: StepClaimOptions,
): Promise<Claim> {
  const first = `build step ${key}`;
  if (since === undefined) return claims.claim(first, options);
  for (let beside = 0; ; beside += 1) {
    const claim = await claims.claimAfter(since, beside === 0 ? first : `${first} ${beside}`, options);
    if (claim !== undefined) return claim;
  }
}
