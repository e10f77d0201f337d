import type { BuildRequest } from '../../../contract/builds-api.ts';
import { once } from '../once.ts';
import type { StepRecipe } from '../step-recipe.ts';
import { timedKey } from '../time-rules.ts';

/** A step whose keys have the times that the request asks for; the content is looked at once. */
export function withFinalKeys(request: BuildRequest, recipe: StepRecipe): StepRecipe {
  const { metadataKey, contentKey } = recipe;
  return {
    ...recipe,
    metadataKey: metadataKey === undefined ? undefined : timedKey(request, recipe, metadataKey),
    contentKey: once(async () => timedKey(request, recipe, await contentKey())),
  };
}
