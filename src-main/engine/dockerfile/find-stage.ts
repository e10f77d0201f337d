import type { Stage } from './dockerfile.ts';

/**
 * The stage that `FROM image` builds on: the last one before `index` whose name, in lower case, is exactly
 * `image`. Undefined when `image` is that of an image. `FROM Build` finds nothing after `AS Build`.
 */
export function findBaseStage(stages: readonly Stage[], index: number, image: string): Stage | undefined {
  for (let at = index - 1; at >= 0; at -= 1) {
    if (stages[at]?.name === image) return stages[at];
  }
  return undefined;
}

/** The stage that `--target` or `COPY --from` means by a name, in any case; the last one of that name. */
export function findStage(stages: readonly Stage[], name: string): Stage | undefined {
  return stages.findLast((stage) => stage.name === name.toLowerCase());
}

/** The stage that `COPY --from` means: by number, else by name. Undefined for an image or a named context. */
export function findCopySource(stages: readonly Stage[], from: string): Stage | undefined {
  return /^[+-]?\d+$/.test(from) ? stages[Number(from)] : findStage(stages, from);
}
