import type { Reference } from '../../oci/reference.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Scope } from '../login/scope.ts';
import type { Wait } from '../session/retry.ts';
import type { RegistrySession, SessionRequest } from '../session/session.ts';
import type { HttpResponse } from '../http/transport.ts';

/** One repository at one endpoint, and what we mean to do there. */
export interface RemoteRepository {
  readonly session: RegistrySession;
  readonly registry: string;
  readonly repository: string;
  /** A request to `path` below the repository (`blobs/sha256:…`), or to a URL that the registry has answered with. */
  send(request: RepositoryRequest): Promise<HttpResponse>;
}

export interface RepositoryRequest extends Omit<SessionRequest, 'scope'> {
  /** The repository that a blob is mounted from: the authorization must cover it. */
  readonly from?: string | undefined;
}

/** What can be asked of any conversation with a repository. */
export interface RemoteOptions extends LongOptions {
  readonly onWait?: ((wait: Wait) => void) | undefined;
}

export function remoteRepository(
  session: RegistrySession,
  { registry, repository }: Pick<Reference, 'registry' | 'repository'>,
  actions: Scope['actions'],
): RemoteRepository {
  return {
    session,
    registry,
    repository,
    send: ({ path, from, ...request }) =>
      session.send({
        ...request,
        path: path instanceof URL ? path : `${repository}/${path}`,
        scope: { repository, actions, ...(from === undefined ? {} : { from }) },
      }),
  };
}
