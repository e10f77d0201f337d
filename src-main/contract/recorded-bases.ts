import type { BuildRecord } from './build-records-api.ts';
import type { Base } from './builds-api.ts';

/** All images that went in, each once; of a build that did not come to its end those of its stages. */
export function recordedBases({ result, stages }: BuildRecord): readonly Base[] {
  const ofStages = stages.flatMap(({ base: { name, digest, before } }) =>
    digest === undefined ? [] : [{ name, digest, before }],
  );
  const all = [...(result?.bases ?? []), ...ofStages];
  return Array.from(new Map(all.map((base) => [`${base.name} ${base.digest}`, base])).values());
}
