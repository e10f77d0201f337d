import { isEngineError } from '../../../contract/errors.ts';
import type { Reference } from '../../oci/reference.ts';
import type { Store } from '../../store/store.ts';
import type { RemoteOptions, RemoteRepository } from '../remote/remote-repository.ts';
import { notPushed, type PlannedReferrer } from './plan-referrers.ts';
import { pushDocuments, type PushedDocuments } from './push-documents.ts';

/**
 * Puts the documents of what refers to an image, whose blobs are there. The image is pushed: a registry that does not
 * take one of them makes a note, and no failure.
 */
export async function pushReferrers(
  store: Store,
  remote: RemoteRepository,
  referrers: readonly PlannedReferrer[],
  target: Reference,
  options: RemoteOptions,
): Promise<PushedDocuments> {
  const done: PushedDocuments[] = [];
  for (const { plan, reference } of referrers) {
    const name = { registry: target.registry, repository: target.repository, ...reference };
    try {
      done.push(await pushDocuments(store, remote, plan, name, options));
    } catch (error) {
      if (!isEngineError(error) || error.code === 'CANCELLED') throw error;
      done.push({ pushed: [], notes: [notPushed(plan.root.digest, error.message)] });
    }
  }
  return { pushed: done.flatMap(({ pushed }) => pushed), notes: done.flatMap(({ notes }) => notes) };
}
