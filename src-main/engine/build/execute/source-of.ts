import { EngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import type { RootFs } from '../../filetree/root-fs.ts';
import type { LayerStack } from '../../sandbox/sandbox.ts';
import { sourceKey } from '../plan/plan-build.ts';
import type { StageSource } from '../plan/planned-stage.ts';
import { rootFsTree } from '../source/root-fs-tree.ts';
import type { SourceTree } from '../source/source-tree.ts';
import type { InstructionContext } from './instruction-context.ts';

/** What a `from` of this stage means; the plan has resolved it. */
export function sourceOf(context: InstructionContext, kind: string, from: string): StageSource {
  const source = context.stage.sources.get(sourceKey(kind, from));
  if (source === undefined) throw new EngineError('INTERNAL', `the plan has no source ${from}`);
  return source;
}

/** The layers of a stage or an image; none of scratch; undefined for a folder. */
export async function layersOf(
  { run, step }: InstructionContext,
  source: StageSource,
): Promise<LayerStack | undefined> {
  if (source.kind === 'folder') return undefined;
  if (source.kind === 'stage') return (await run.stage(source.index)).layers;
  if (source.kind === 'scratch') return [];
  await run.bring(source.image, step);
  return source.image.layers;
}

/** The tree that COPY --from reads, or the build context. */
export async function openTree(context: InstructionContext, from: string | undefined): Promise<SourceTree> {
  const { run } = context;
  if (from === undefined) return run.sources.context({ signal: run.signal });
  const source = sourceOf(context, 'copy', from);
  if (source.kind === 'folder') return run.sources.namedFolder(source.name, { signal: run.signal });
  const rootFs: RootFs = await run.rootFs((await layersOf(context, source)) ?? []);
  return rootFsTree(rootFs, source.kind === 'image' ? `the image ${from}` : `the stage ${from}`);
}

/** What stands for all that COPY --from, or the build context, has to give; undefined where that is not known. */
export async function revisionOf(
  context: InstructionContext,
  from: string | undefined,
): Promise<Digest | undefined> {
  const { run } = context;
  const source = from === undefined ? undefined : sourceOf(context, 'copy', from);
  if (source !== undefined && source.kind !== 'folder') return undefined;
  return run.sources.revision(source?.name, { signal: run.signal });
}
