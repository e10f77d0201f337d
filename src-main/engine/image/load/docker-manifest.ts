import { z } from 'zod';
import { EngineError } from '../../../contract/errors.ts';
import { parseReference, type Reference } from '../../oci/reference.ts';
import type { ArchiveContents } from './archive-contents.ts';

const dockerManifestSchema = z
  .array(
    z.looseObject({
      Config: z.string(),
      RepoTags: z.array(z.string()).max(10_000).nullish(),
      Layers: z.array(z.string()).max(10_000).nullish(),
    }),
  )
  .max(10_000);

export type DockerManifest = z.output<typeof dockerManifestSchema>;

/** The manifest.json of a docker-archive; undefined when there is none. */
export function parseDockerManifest(contents: ArchiveContents): DockerManifest | undefined {
  const bytes = contents.files.get('manifest.json');
  if (bytes === undefined) return undefined;
  const parsed = dockerManifestSchema.safeParse(parseArray(bytes));
  if (parsed.success) return parsed.data;
  throw new EngineError(
    'CORRUPT',
    `manifest.json in the archive is malformed: ${z.prettifyError(parsed.error)}`,
  );
}

function parseArray(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new EngineError('CORRUPT', 'manifest.json in the archive is not JSON', { cause });
  }
}

/** The tags that manifest.json gives, by the digest of the image's config. */
export function dockerNames(contents: ArchiveContents): ReadonlyMap<string, readonly Reference[]> {
  const entries = parseDockerManifest(contents) ?? [];
  return new Map(entries.map((entry) => [configDigest(entry.Config), tagsOf(entry)]));
}

function configDigest(path: string): string {
  return `sha256:${/([0-9a-f]{64})(?:\.json)?$/.exec(path)?.[1] ?? ''}`;
}

export function tagsOf({ RepoTags }: DockerManifest[number]): readonly Reference[] {
  return (RepoTags ?? []).filter((tag) => tag !== '<none>:<none>').map(parseReference);
}
