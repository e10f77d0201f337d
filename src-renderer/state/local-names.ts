import type { ImageRow } from '../../src-main/contract/images-api.ts';

const DOCKER_HUB = 'docker.io';

interface RemoteName {
  readonly registry: string;
  readonly repository: string;
}

/** Which registry a repository's familiar name means, and its name there: `python` is `library/python` of docker.io. */
export function remoteName(repository: string): RemoteName {
  const slash = repository.indexOf('/');
  const first = slash < 0 ? '' : repository.slice(0, slash);
  const hasHost = first === 'localhost' || /[.:A-Z]/.test(first);
  if (hasHost) return { registry: first, repository: repository.slice(slash + 1) };
  return { registry: DOCKER_HUB, repository: slash < 0 ? `library/${repository}` : repository };
}

/** Repositories of a registry that images here are named after, in name order. */
export function localRepositories(rows: readonly ImageRow[], registry: string): readonly string[] {
  const names = rows.flatMap(({ repository }) => {
    const name = repository === undefined ? undefined : remoteName(repository);
    return name?.registry === registry ? [name.repository] : [];
  });
  return [...new Set(names)].sort();
}

/** Where the tags here point that are named after a repository of a registry. */
export function localTags(
  rows: readonly ImageRow[],
  { registry, repository }: RemoteName,
): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const row of rows) {
    if (row.repository === undefined || row.tag === undefined) continue;
    const name = remoteName(row.repository);
    if (name.registry === registry && name.repository === repository) tags.set(row.tag, row.digest);
  }
  return tags;
}
