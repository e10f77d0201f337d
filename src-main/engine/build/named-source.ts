import type { Platform } from '../../contract/oci-types.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { BuildDeps } from './build-run.ts';
import type { BuildSources } from './build-sources.ts';
import { openBase } from './open-base.ts';
import { openLayout } from './open-layout.ts';
import type { StageSource } from './plan/planned-stage.ts';

/** What a named build context stands for where a stage or an image could be named; undefined when none has the name. */
export async function namedSource(
  { deps, sources }: { readonly deps: BuildDeps; readonly sources: BuildSources },
  name: string,
  platform: Platform,
  options: LongOptions,
): Promise<StageSource | undefined> {
  const source = sources.find(name);
  if (source === undefined) return undefined;
  if (source.kind === 'folder' || source.kind === 'git') return { kind: 'folder', name };
  if (source.kind === 'image') {
    const { reference } = source;
    return { kind: 'image', reference, image: await openBase(deps, reference, platform, options) };
  }
  return { kind: 'image', reference: name, image: await openLayout(deps, source, platform, options) };
}
