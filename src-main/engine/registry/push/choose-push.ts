import { EngineError } from '../../../contract/errors.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { formatPlatform } from '../../oci/platform.ts';
import { familiarReference, type Reference } from '../../oci/reference.ts';
import type { Store } from '../../store/store.ts';
import { missingContent, missingError } from './missing-content.ts';
import { planPush, type PushPlan } from './plan-push.ts';
import { planReferrers, type PlannedReferrer } from './plan-referrers.ts';
import type { RemoteOptions, RemoteRepository } from '../remote/remote-repository.ts';

/** What is to be pushed. */
export interface PushSource {
  readonly root: Descriptor;
  /** The image that may go alone when the index of `root` is not complete. */
  readonly alone?: Descriptor | undefined;
}

export interface ChosenPush {
  readonly plan: PushPlan;
  /** What is kept with the image and follows it. */
  readonly referrers: readonly PlannedReferrer[];
  /** For a person: what stays behind, and why. */
  readonly notes: readonly string[];
}

/**
 * All that a push will bring, complete: what the store lacks is in the repository. Looks, and sends nothing. NOT_FOUND
 * that names what is missing or damaged; INVALID_INPUT when the target states another digest.
 */
export async function choosePush(
  store: Store,
  remote: RemoteRepository,
  { root, alone }: PushSource,
  target: Reference,
  options: RemoteOptions,
): Promise<ChosenPush> {
  const whole = await planPush(store, root, options);
  const missing = await missingContent(store, remote, whole, options);
  const chosen = async (plan: PushPlan, notes: readonly string[]): Promise<ChosenPush> => {
    checkTarget(plan, target);
    const { referrers, notes: left } = await planReferrers(store, remote, plan, options);
    return { plan, referrers, notes: [...notes, ...foreignNotes(plan), ...left] };
  };
  if (missing.length === 0) return chosen(whole, []);
  const part =
    alone === undefined || alone.digest === root.digest ? undefined : await planPush(store, alone, options);
  const name = familiarReference(target);
  if (part === undefined || (await missingContent(store, remote, part, options)).length > 0) {
    throw missingError(missing, name);
  }
  return chosen(part, [describeAlone(whole, part)]);
}

function checkTarget(plan: PushPlan, target: Reference): void {
  if (target.digest !== undefined && target.digest !== plan.root.digest) {
    throw new EngineError(
      'INVALID_INPUT',
      `${familiarReference(target)} is to be pushed, and the image is ${plan.root.digest}`,
    );
  }
}

function foreignNotes({ foreign }: PushPlan): readonly string[] {
  return foreign.map(
    ({ digest }) =>
      `The layer ${digest} may not be handed on: it was not pushed, and stays where its addresses say.`,
  );
}

function describeAlone(whole: PushPlan, part: PushPlan): string {
  const platforms = [...whole.documents.map(({ descriptor }) => descriptor), ...whole.absent].flatMap(
    ({ platform }) => (platform === undefined || platform.os === 'unknown' ? [] : [platform]),
  );
  const own = whole.documents.find(({ descriptor }) => descriptor.digest === part.root.digest)?.descriptor
    .platform;
  const which = own === undefined ? 'one image' : `the image for ${formatPlatform(own)}`;
  return `Only ${which} was pushed, with its own digest: the index ${whole.root.digest} names ${platforms.length} platforms, and not all of them are here.`;
}
