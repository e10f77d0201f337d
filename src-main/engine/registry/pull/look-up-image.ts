import type { Platform } from '../../../contract/oci-types.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { parseManifest } from '../../oci/manifest.ts';
import type { Reference } from '../../oci/reference.ts';
import type { Store } from '../../store/store.ts';
import { endpointName } from '../config/endpoints.ts';
import { planPull, type PlanOptions, type PullPlan } from './plan-pull.ts';
import type { PullParts } from './pull-image.ts';
import { openPullSource, type BlobSource, type PullSource } from './pull-source.ts';
import { readConfig } from '../remote/read-config.ts';
import { registryError } from '../remote/registry-error.ts';
import { tryEach } from '../session/try-each.ts';

/** What an image at a registry says of itself. */
export interface LookedUpImage {
  readonly plan: PullPlan;
  /** The config's bytes, proved by the manifest. */
  readonly config: Uint8Array;
}

type LookUpOptions = Pick<PlanOptions, 'signal' | 'onWait'>;

/** Reads an image's documents and config for one platform, and stores nothing. */
export async function lookUpImage(
  { store, registries }: PullParts,
  reference: Reference,
  { platform, ...options }: LookUpOptions & { readonly platform: Platform },
): Promise<LookedUpImage> {
  const wish = { kind: 'platform', platform, attestations: false } as const;
  const source = await openPullSource(registries, reference);
  const plan = await planPull({ store, source }, reference, { ...options, wish });
  const { config } = parseManifest(plan.manifest.bytes);
  return { plan, config: await configOf(store, source, config, options) };
}

async function configOf(
  store: Store,
  source: PullSource,
  config: Descriptor,
  options: LookUpOptions,
): Promise<Uint8Array> {
  if (await store.blobs.has(config.digest)) return store.blobs.read(config.digest, options);
  const { repository } = source;
  return tryEach(source.sourcesOf(config), (place) => getConfig(place, repository, config, options));
}

async function getConfig(
  { session, path }: BlobSource,
  repository: string,
  config: Descriptor,
  options: LookUpOptions,
): Promise<Uint8Array> {
  const scope = { repository, actions: ['pull'] as const };
  const response = await session.send({ method: 'GET', path, scope, ...options });
  if (response.status !== 200) {
    throw await registryError(response, `get ${config.digest} from ${endpointName(session.endpoint)}`);
  }
  return readConfig(response, config);
}
