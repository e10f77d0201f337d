import type { Digest } from '../../contract/oci-types.ts';
import type { StoredLayer } from '../filetree/layer-writer.ts';
import type { Toc } from '../filetree/toc.ts';
import type { LayerStack } from '../sandbox/sandbox.ts';
import { digestOf } from '../oci/digest.ts';
import type { ExplainedStep } from './explain/step-inputs.ts';
import type { WorkKind } from './work-limits.ts';

/** An instruction that makes a layer, as the cache sees it. */
export interface StepRecipe {
  /**
   * A key that needs no content. When no step with it was ever seen, the content is read once, while it is copied,
   * and `contentKey` is asked only after that.
   */
  readonly metadataKey?: Digest | undefined;
  /** The cache key; may read the content of files that no stat cache knows. */
  readonly contentKey: () => Promise<Digest>;
  /** What the key is made of, for a reader; asked after `contentKey`. */
  readonly explain: () => ExplainedStep;
  readonly make: () => Promise<StoredLayer>;
  /** The part of the key that stands for the root file system below. */
  readonly parent: Digest;
  /** The key without it, with `NO_PARENT` in its place; asked after `contentKey`. */
  readonly ownKey: () => Digest;
  /** What `make` would give, where that can be told without making it. */
  readonly foresee?: () => Promise<Toc>;
  readonly work: WorkKind;
  /** What the layer comes to lie on, as far as it depends on that. */
  readonly layers: LayerStack;
}

/** In the place of a parent: then the key says what the step itself depends on. */
export const NO_PARENT: Digest = digestOf('varve: any parent');
