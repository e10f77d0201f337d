import { EngineError } from '../../../contract/errors.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Store } from '../../store/store.ts';
import { findDocument } from '../remote/find-document.ts';
import { hasBlob } from './has-blob.ts';
import type { PushPlan } from './plan-push.ts';
import type { RemoteOptions, RemoteRepository } from '../remote/remote-repository.ts';

/**
 * What a push needs and neither the store has whole nor the repository: without it nothing can be pushed. A blob that
 * was touched since it was verified is hashed again.
 */
export async function missingContent(
  store: Store,
  remote: RemoteRepository,
  plan: PushPlan,
  options: RemoteOptions,
): Promise<readonly Descriptor[]> {
  const missing: Descriptor[] = [];
  for (const descriptor of plan.absent) {
    if ((await findDocument(remote, descriptor.digest, options)) === undefined) missing.push(descriptor);
  }
  for (const { descriptor } of plan.blobs) {
    if (await store.blobs.isWhole(descriptor.digest, options)) continue;
    if (!(await hasBlob(remote, descriptor.digest, options))) missing.push(descriptor);
  }
  return missing;
}

/** The one error for all of it. */
export function missingError(missing: readonly Descriptor[], target: string): EngineError {
  const shown = missing.slice(0, MOST_SHOWN).map(({ digest, size }) => `${digest} (${size} bytes)`);
  const more = missing.length > MOST_SHOWN ? ` and ${missing.length - MOST_SHOWN} more` : '';
  return new EngineError(
    'NOT_FOUND',
    `cannot push to ${target}: missing or damaged in the store: ${shown.join(', ')}${more}`,
    { hint: 'Nothing was sent. Pull or build the image again; "varve verify" names all that is damaged.' },
  );
}

const MOST_SHOWN = 3;
