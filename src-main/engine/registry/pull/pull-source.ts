import { EngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import type { Registries } from '../open-registries.ts';
import { getDocument, type DocumentOptions, type RemoteDocument } from '../remote/remote-document.ts';
import { remoteRepository, type RemoteRepository } from '../remote/remote-repository.ts';
import type { RegistrySession } from '../session/session.ts';
import { tryEach } from '../session/try-each.ts';

/** A place where bytes can be had. */
export interface BlobSource {
  readonly session: RegistrySession;
  readonly path: string | URL;
}

/** One repository to pull from, at all endpoints that may have it. */
export interface PullSource {
  readonly repository: string;
  /** How many blobs to pull at once. */
  readonly parallel: number;
  /** The document that a tag or digest names, from the first endpoint that has it; that one is then asked first. */
  document(reference: string, options: DocumentOptions): Promise<RemoteDocument>;
  /** The endpoint that is asked first. */
  nearest(): RemoteRepository;
  /** Where to get a blob, the likeliest first. A layer's own `urls` are asked last, and as anyone (S10). */
  sourcesOf(blob: {
    readonly digest: Digest;
    readonly urls?: readonly string[] | undefined;
  }): readonly BlobSource[];
}

export async function openPullSource(
  registries: Registries,
  reference: { readonly registry: string; readonly repository: string },
): Promise<PullSource> {
  const { registry, repository } = reference;
  let sessions = await registries.sessions(registry);
  const anonymous = await registries.anonymous();
  return {
    repository,
    parallel: sessions[0]?.settings.parallel ?? 1,
    document: (name, options) =>
      tryEach(sessions, async (session) => {
        const document = await getDocument(session, repository, name, options);
        sessions = [session, ...sessions.filter((each) => each !== session)];
        return document;
      }),
    nearest: () => {
      const [session] = sessions;
      if (session !== undefined) return remoteRepository(session, reference, ['pull']);
      throw new EngineError('INTERNAL', `${registry} has no endpoint`);
    },
    sourcesOf: ({ digest, urls = [] }) => [
      ...sessions.map((session) => ({ session, path: `${repository}/blobs/${digest}` })),
      ...urls
        .filter((url) => URL.canParse(url) && new URL(url).protocol === 'https:')
        .map((url) => ({ session: anonymous(new URL(url)), path: new URL(url) })),
    ],
  };
}
