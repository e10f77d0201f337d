import type { Platform } from '../../contract/oci-types.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { BuildDeps } from './build-run.ts';
import type { BuildSources } from './build-sources.ts';
import { openLayout } from './open-layout.ts';
import type { NamedImage } from './plan/plan-build.ts';
import type { StageSource } from './plan/planned-stage.ts';

export interface NamedSourceParts {
  readonly deps: BuildDeps;
  readonly sources: BuildSources;
  openImage(name: string, platform: Platform): Promise<NamedImage>;
}

/** What a named build context stands for where a stage or an image could be named; undefined when none has the name. */
export async function namedSource(
  { deps, sources, openImage }: NamedSourceParts,
  name: string,
  platform: Platform,
  options: LongOptions,
): Promise<StageSource | undefined> {
  const source = sources.find(name);
  if (source === undefined) return undefined;
  if (source.kind === 'folder' || source.kind === 'git') return { kind: 'folder', name };
  if (source.kind === 'image') {
    const { reference } = source;
    return { kind: 'image', reference, ...(await openImage(reference, platform)) };
  }
  const image = await openLayout(deps, source, platform, options);
  return { kind: 'image', reference: name, digest: image.descriptor.digest, image };
}
