import type { BuildSummary } from '../../contract/build-records-api.ts';
import type { EngineApi } from '../../contract/engine-api.ts';
import { EngineError } from '../../contract/errors.ts';

const MOST = 5000;

/**
 * The id that a word means: an id, its unique beginning or end, or `^2` for the second before the newest. Without a
 * word it is the newest, as with docker.
 */
export async function findBuild(api: EngineApi, word: string | undefined): Promise<string> {
  const back = /^\^(\d{0,4})$/.exec(word ?? '^0')?.[1];
  if (back !== undefined) return nthNewest(api, Number(back || 0));
  const { builds } = await api.buildRecords.list({ limit: MOST });
  return unique(builds, word ?? '');
}

async function nthNewest(api: EngineApi, back: number): Promise<string> {
  const { builds } = await api.buildRecords.list({ limit: back + 1 });
  const build = builds[back];
  if (build !== undefined) return build.id;
  const count = builds.length === 1 ? 'only 1 build is' : `only ${builds.length} builds are`;
  throw new EngineError(
    'NOT_FOUND',
    builds.length === 0 ? 'no build is recorded here' : `${count} recorded here`,
    {
      hint: 'varve builds ls lists them.',
    },
  );
}

function unique(builds: readonly BuildSummary[], word: string): string {
  const exact = builds.find(({ id }) => id === word);
  if (exact !== undefined) return exact.id;
  const near = builds.filter(({ id }) => id.startsWith(word) || id.endsWith(word));
  const [first, second] = near;
  if (first !== undefined && second === undefined) return first.id;
  const what =
    first === undefined ? `there is no build ${word}` : `${near.length} builds begin or end with ${word}`;
  throw new EngineError(first === undefined ? 'NOT_FOUND' : 'INVALID_INPUT', what, {
    hint: 'Name one as varve builds ls shows it, or as ^1 for the last but one.',
  });
}
