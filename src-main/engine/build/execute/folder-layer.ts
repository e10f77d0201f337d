import type { Digest } from '../../../contract/oci-types.ts';
import type { LayerStack } from '../../sandbox/sandbox.ts';
import { buildTime } from '../build-run.ts';
import { cacheKey } from '../cache/cache-key.ts';
import { applyCopy, DEFAULT_FOLDER_MODE } from '../draft/apply-copy.ts';
import { LayerDraft } from '../draft/layer-draft.ts';
import { writeDraft } from '../draft/write-draft.ts';
import { missingSource } from '../source/missing-source.ts';
import type { SelectedEntry } from '../source/select-entries.ts';
import type { SourceTree } from '../source/source-tree.ts';
import { describeFile } from '../explain/file-version.ts';
import type { FileVersions } from '../explain/step-inputs.ts';
import type { MadeLayer } from '../stage-state.ts';
import { openStepWriter } from '../open-step-writer.ts';
import { latestTime } from '../time-rules.ts';
import type { InstructionContext } from './instruction-context.ts';
import { wholeContent } from './whole-content.ts';

/**
 * A part of a folder of the host as a layer of its own, so that a mount shows what COPY would copy: without what an
 * ignore file leaves out, owned by root, and nothing else of the host.
 */
export async function folderLayer(
  context: InstructionContext,
  tree: SourceTree,
  source: string,
): Promise<{
  readonly layers: LayerStack;
  readonly source: string;
  readonly key: Digest;
  readonly files: FileVersions;
}> {
  const { run } = context;
  const root = tree.stat(source);
  if (root === undefined) {
    throw missingSource(tree, source);
  }
  const { entries, contents, digest } = await wholeContent(context, tree, root);
  run.note({ type: 'read', step: context.step, digest });
  const key = cacheKey('folder', latestTime(run.request), digest);
  const files = versionsOf(entries, contents);
  if (run.foresight !== undefined) return { layers: [], source: '/mounted', key, files };
  const made = await findOrMake(context, key, () => makeLayer(context, tree, root, entries));
  run.protect([made.layer.descriptor.digest]);
  return { layers: [made.layer], source: '/mounted', key, files };
}

function versionsOf(entries: readonly SelectedEntry[], contents: ReadonlyMap<string, Digest>): FileVersions {
  return new Map(
    entries.map(({ node }) => [node.path.slice(1), describeFile(node, contents.get(node.path))] as const),
  );
}

/** Once, for all who mount the same at the same time. */
async function findOrMake(
  { run }: InstructionContext,
  key: Digest,
  make: () => Promise<MadeLayer>,
): Promise<MadeLayer> {
  const known = await run.cache.find(key);
  if (typeof known !== 'string') return known;
  using _claim = await run.cache.claim(key, { signal: run.signal });
  const found = await run.cache.find(key);
  if (typeof found !== 'string') return found;
  const made = await make();
  run.cache.keep(key, made, 'a folder that RUN mounts');
  return made;
}

async function makeLayer(
  context: InstructionContext,
  tree: SourceTree,
  root: SelectedEntry['node'],
  entries: readonly SelectedEntry[],
): Promise<MadeLayer> {
  const { run } = context;
  const draft = new LayerDraft(undefined);
  const job = { tree, root, entries, baseName: 'mounted', destination: '/mounted', contentsOnly: false };
  applyCopy(draft, job, {
    owner: undefined,
    chmod: undefined,
    folderMode: DEFAULT_FOLDER_MODE,
    mtime: latestTime(run.request),
    now: buildTime(run),
  });
  const writer = await openStepWriter(run, 'none');
  const { descriptor, diffId, toc } = await writeDraft(draft, writer, { signal: run.signal });
  const created = new Date(run.startedMs).toISOString();
  return { layer: { descriptor, diffId }, contentDigest: toc.contentDigest, created };
}
