import { EngineError, isEngineError, type ErrorCode } from '../../contract/errors.ts';
import type { Digest, Platform } from '../../contract/oci-types.ts';
import type { Image } from '../image/image.ts';
import { nearNames } from '../image/near-names.ts';
import { openImage } from '../image/open-image.ts';
import { resolveImage } from '../image/resolve-image.ts';
import { familiarReference, parseReference, type Reference } from '../oci/reference.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import type { BuildDeps, PullOptions } from './build-run.ts';

/** What a Dockerfile names: as it is written, and as it is understood. */
export interface NamedBase {
  readonly name: string;
  readonly reference: Reference;
}

/** An image that a build names. */
export interface OpenedBase {
  /** What the name stands for: a manifest or an image index. */
  readonly digest: Digest;
  readonly image: Image;
  /** Whether all of it was in the store when it was opened. */
  readonly wasHere: boolean;
  /** Brings what is missing of it, and its tag here where it stands at the registry; absent when the registry was not asked. */
  readonly pull?: ((options: PullOptions) => Promise<void>) | undefined;
}

export interface OpenBaseOptions extends LongOptions {
  /** Ask the registry also for a tag that is here. */
  readonly pull: boolean;
  /** Called before a registry is asked. */
  readonly onAsk?: (() => void) | undefined;
  /** Keeps blobs from prune for as long as the build runs. */
  readonly protect: (digests: readonly Digest[]) => void;
}

/** Failures that only mean that the image cannot be had. */
const PULL_FAILURES: ReadonlySet<ErrorCode> = new Set(['NOT_FOUND', 'REGISTRY', 'UNAUTHORIZED']);

/**
 * The image that FROM or `--from` names: the store's, else the registry's; with `pull` a tag is the registry's. A
 * digest counts before the tag beside it. NOT_FOUND says which images of the store have a name like it.
 */
export async function openBase(
  deps: BuildDeps,
  { name, reference }: NamedBase,
  platform: Platform,
  options: OpenBaseOptions,
): Promise<OpenedBase> {
  const asks = options.pull && reference.digest === undefined;
  const here = await openHere(deps.store, reference, platform, options);
  if (!asks && !(here instanceof EngineError)) return here;
  // Of an index that is here another platform may be wanted than those that were pulled.
  const tagged = asks ? undefined : digestOfTag(deps.store, reference);
  const wanted = { ...reference, digest: reference.digest ?? tagged };
  const there = await ask(deps, wanted, platform, options);
  if (!(there instanceof EngineError)) return there;
  if (asks) throw cannotAsk(name, there, here);
  throw here instanceof EngineError && tagged !== undefined ? here : notFound(deps, name, there);
}

async function openHere(
  store: Store,
  reference: Reference,
  platform: Platform,
  { signal, protect }: OpenBaseOptions,
): Promise<OpenedBase | EngineError> {
  try {
    const { digest, image } = await openNamed(store, reference, { platform, signal });
    protect([digest, image.descriptor.digest, image.imageId]);
    if (await isWhole(store, image)) return { digest, image, wasHere: true };
    return new EngineError('NOT_FOUND', `${familiarReference(reference)} is not whole in the store`);
  } catch (error) {
    if (isEngineError(error, 'NOT_FOUND')) return error;
    throw error;
  }
}

async function openNamed(
  store: Store,
  reference: Reference,
  options: LongOptions & { readonly platform: Platform },
): Promise<Pick<OpenedBase, 'digest' | 'image'>> {
  const digest = reference.digest ?? digestOfTag(store, reference);
  if (digest !== undefined) return { digest, image: await openImage(store, digest, options) };
  const { image, descriptor } = await resolveImage(store, familiarReference(reference), options);
  return { image, digest: descriptor.digest };
}

function digestOfTag(store: Store, reference: Reference): Digest | undefined {
  if (reference.tag === undefined || reference.digest !== undefined) return undefined;
  return store.tags.get(reference)?.digest;
}

async function isWhole(store: Store, image: Image): Promise<boolean> {
  for (const { descriptor } of image.layers) if (!(await store.blobs.has(descriptor.digest))) return false;
  return true;
}

/** The image as its registry has it, or why it cannot be had. */
async function ask(
  deps: BuildDeps,
  reference: Reference,
  platform: Platform,
  { signal, onAsk }: OpenBaseOptions,
): Promise<OpenedBase | EngineError> {
  if (deps.resolveBase === undefined) return nowhere();
  onAsk?.();
  try {
    const remote = await deps.resolveBase(reference, platform, { signal });
    if (remote === undefined) return nowhere();
    return { ...remote, wasHere: await isWhole(deps.store, remote.image) };
  } catch (error) {
    if (isEngineError(error) && PULL_FAILURES.has(error.code)) return error;
    throw error;
  }
}

function nowhere(): EngineError {
  return new EngineError('NOT_FOUND', 'there is nowhere to pull it from');
}

/** Whoever asks for the newest is not given an older one without a word. */
function cannotAsk(name: string, cause: EngineError, here: OpenedBase | EngineError): EngineError {
  const other =
    here instanceof EngineError
      ? undefined
      : `${name} is here as ${here.digest}: build without --pull to take that.`;
  const hint = [cause.hint, other].filter((part) => part !== undefined).join('\n');
  return new EngineError(cause.code, `--pull cannot ask what ${name} is now: ${cause.message}`, {
    ...(hint === '' ? {} : { hint }),
    cause,
  });
}

function notFound(deps: BuildDeps, name: string, pulled: EngineError): EngineError {
  const here = deps.store.tags.list().map((tag) => familiarReference(parseReference(tag.name)));
  const near = nearNames(familiarReference(parseReference(name)), here);
  const likely = near.length === 0 ? '' : `Near in the store: ${near.join(', ')}. `;
  return new EngineError('NOT_FOUND', `the image ${name} is not in the store: ${pulled.message}`, {
    hint: `${likely}Load it from an archive with varve load, or name a registry that has it.`,
    cause: pulled,
  });
}
