import type { ImageRow } from '../../src-main/contract/images-api.ts';
import { remoteName } from './local-names.ts';

export interface NameSuggestion {
  readonly value: string;
  readonly detail: string;
}

/** What an unfinished name asks a registry for: the tags of a repository, or the repositories of a registry. */
export type RemoteQuestion =
  | { readonly kind: 'tags'; readonly repository: string }
  | { readonly kind: 'repositories'; readonly registry: string };

export interface KnownNames {
  readonly rows: readonly ImageRow[];
  readonly registries: readonly string[];
  /** What a registry has answered to the question of the present text; names as they stand after what asks for them. */
  readonly remote: readonly string[];
}

const MOST_SHOWN = 50;

/** What may be meant by an unfinished name: names here, then registries, then what the registry says. */
export function suggestNames(
  text: string,
  { rows, registries, remote }: KnownNames,
): readonly NameSuggestion[] {
  const typed = text.trim();
  if (typed.includes('@')) return [];
  const question = remoteQuestion(typed);
  const before = question?.kind === 'tags' ? `${question.repository}:` : `${question?.registry ?? ''}/`;
  const all = [
    ...rows.flatMap(({ name }) => (name === undefined ? [] : [{ value: name, detail: 'here' }])),
    ...registries.map((registry) => ({ value: `${registry}/`, detail: 'registry' })),
    ...(question === undefined
      ? []
      : remote.map((name) => ({
          value: `${before}${name}`,
          detail: question.kind === 'tags' ? 'tag' : 'repository',
        }))),
  ];
  const seen = new Set<string>([typed]);
  const found = all.filter(({ value }) => {
    if (seen.has(value) || !value.toLowerCase().includes(typed.toLowerCase())) return false;
    seen.add(value);
    return true;
  });
  return found.slice(0, MOST_SHOWN);
}

/** Undefined while nothing can be asked: no repository or registry is complete. */
export function remoteQuestion(text: string): RemoteQuestion | undefined {
  const typed = text.trim();
  if (typed.includes('@')) return undefined;
  const colon = typed.lastIndexOf(':');
  const repository = colon > typed.lastIndexOf('/') ? typed.slice(0, colon) : undefined;
  if (repository !== undefined && isRepository(repository)) return { kind: 'tags', repository };
  const slash = typed.indexOf('/');
  if (slash <= 0) return undefined;
  const host = typed.slice(0, slash);
  return host === 'localhost' || /[.:]/.test(host) ? { kind: 'repositories', registry: host } : undefined;
}

/** `localhost:5000` is no repository but the beginning of a registry's name. */
function isRepository(text: string): boolean {
  const { repository } = remoteName(text);
  return (
    /^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/.test(repository) &&
    text !== 'localhost' &&
    !/^[^/]*\.[^/]*$/.test(text)
  );
}
