/** What a request is to be allowed to do. */
export interface Scope {
  readonly repository?: string | undefined;
  readonly actions: readonly ('pull' | 'push' | 'delete' | '*')[];
  /** The list of all repositories. */
  readonly catalog?: boolean | undefined;
  /** The repository that a blob is mounted from. */
  readonly from?: string | undefined;
}

/**
 * The scopes to ask a token for (distribution's token specification): what the request needs, at the name that the
 * repository has at its server. Of what the server asks for only that is taken which is about the same repository:
 * a server can make us ask for less or more there, and never for anything elsewhere (S10).
 */
export function tokenScopes(scope: Scope, prefix: string, asked: string | undefined): readonly string[] {
  const { repository, actions, catalog, from } = scope;
  const scopes: string[] = [];
  if (repository !== undefined) {
    const named = repositoryAsked(`${prefix}${repository}`, repository, asked);
    const all = new Set<string>([...actions, ...named.actions]);
    scopes.push(`repository:${named.name}:${[...all].sort().join(',')}`);
  }
  if (from !== undefined) scopes.push(`repository:${prefix}${from}:pull`);
  if (catalog === true) scopes.push('registry:catalog:*');
  return scopes;
}

/** A mirror may know a repository by a longer name than it has in its address. */
function repositoryAsked(
  name: string,
  repository: string,
  asked = '',
): { readonly name: string; readonly actions: readonly string[] } {
  for (const each of asked.split(' ')) {
    const [, other = '', actions = ''] = /^repository(?:\([^)]*\))?:(.+):([^:]*)$/.exec(each) ?? [];
    const isSame = other === name || other.endsWith(`/${repository}`);
    if (isSame) return { name: other, actions: actions.split(',').filter((action) => action !== '') };
  }
  return { name, actions: [] };
}
