import type { Digest } from '../../../contract/oci-types.ts';
import type { Image } from '../../image/image.ts';
import type { LayerStack } from '../../sandbox/sandbox.ts';
import type { PlannedStage } from '../plan/planned-stage.ts';
import type { MadeLayer } from '../stage-state.ts';
import type { StepRecipe } from '../step-recipe.ts';

/** A step of a plan. */
export interface StepPlace {
  readonly stage: PlannedStage;
  readonly step: string;
}

/** What stands in a forecast in the place of making layers. */
export interface StepForesight {
  /** Says what will become of the step; what it answers stands for its layer. */
  layerStep(place: StepPlace, recipe: StepRecipe): Promise<MadeLayer>;
  /** The key of a base image, as `compute` tells it from what is known of its layers. */
  baseKey(step: string, image: Image, compute: () => Promise<Digest>): Promise<Digest>;
  /** Whether a root file system's key is what it will be in the build. */
  isCertain(key: Digest): boolean;
  /** Unforeseen unless all of these layers are there. */
  requireMade(layers: LayerStack): void;
}
