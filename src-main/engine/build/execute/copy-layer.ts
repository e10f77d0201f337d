import type { SourceLocation } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import type { StoredLayer } from '../../filetree/layer-writer.ts';
import type { Toc } from '../../filetree/toc.ts';
import type { RootFs } from '../../filetree/root-fs.ts';
import { createPace } from '../../pace.ts';
import { buildTime } from '../build-run.ts';
import { cacheKey, entriesKey } from '../cache/cache-key.ts';
import { recallKeys, rememberKeys } from '../cache/copy-keys.ts';
import { withFinalKeys } from '../cache/final-keys.ts';
import { whyUncached } from '../cache/why-uncached.ts';
import { applyCopy, DEFAULT_FOLDER_MODE, type CopyRules, type OnPlaced } from '../draft/apply-copy.ts';
import { applyArchive } from '../draft/apply-archive.ts';
import { LayerDraft, type DraftEntry } from '../draft/layer-draft.ts';
import { writeDraft, type OnWritten } from '../draft/write-draft.ts';
import { describeFile } from '../explain/file-version.ts';
import type { FileVersions, StepInputs } from '../explain/step-inputs.ts';
import { namedValues } from './step-inputs.ts';
import { located } from '../plan/locate-error.ts';
import { draftToc } from '../forecast/draft-toc.ts';
import { Unforeseen } from '../forecast/unforeseen.ts';
import { runLayerStep } from '../layer-step.ts';
import { once } from '../once.ts';
import { NO_PARENT, type StepRecipe } from '../step-recipe.ts';
import { lookUpOwner, type Owner } from '../rootfs-users.ts';
import { EMPTY_KEY, withLayer, type StageState } from '../stage-state.ts';
import { openStepWriter } from '../open-step-writer.ts';
import { epochOf } from '../time-rules.ts';
import type { SourceNode } from '../source/source-tree.ts';
import { contentsOf } from './contents-of.ts';
import type { CopyRequest, CopyTask } from './copy-request.ts';
import type { InstructionContext } from './instruction-context.ts';

/** Makes COPY's or ADD's layer, or finds it in the cache. */
export async function copyLayer(
  context: InstructionContext,
  state: StageState,
  given: CopyRequest,
): Promise<StageState> {
  const request = { ...given, findTasks: once(given.findTasks) };
  const find = async () => copyRecipe(context, state, { ...request, tasks: await request.findTasks() });
  const recipe = (await recallRecipe(context, state, request, find)) ?? (await find());
  const made = await runLayerStep(context, recipe);
  await tracePlaces(context, state, request);
  return withLayer(state, made, request.historyText);
}

/** A copy whose sources are found. */
type FoundCopy = CopyRequest & { readonly tasks: readonly CopyTask[] };

function copyRecipe(context: InstructionContext, state: StageState, copy: FoundCopy): StepRecipe {
  const { run, step } = context;
  const digests = new Map<CopyTask, ReadonlyMap<string, Digest>>();
  const parent = parentOf(state, copy);
  const metadataKey = keyOf(parent, copy, describeTasks(copy, undefined));
  const describe = once(() => describeTasks(copy, digests));
  const ownKey = () => keyOf(NO_PARENT, copy, describe());
  return {
    ...commonRecipe(state, copy),
    metadataKey,
    contentKey: async () => {
      for (const task of copy.tasks)
        digests.set(task, await contentsOf(context, task.job.tree, nodesOf(task)));
      const read = describe().flatMap(({ job, read }) => (run.sources.holds(job.tree) ? [read] : []));
      for (const digest of read) run.note({ type: 'read', step, digest });
      const contentKey = keyOf(parent, copy, describe());
      rememberKeys(context, parent, copy, { metadataKey, contentKey, ownKey: ownKey(), read });
      return contentKey;
    },
    explain: () => ({ inputs: inputsOf(state, copy), files: () => fileVersions(copy, digests) }),
    make: () => makeLayer(context, state, copy),
    ownKey,
    foresee: () => foreseeLayer(context, state, copy),
  };
}

function commonRecipe(
  state: StageState,
  request: CopyRequest,
): Pick<StepRecipe, 'parent' | 'work' | 'layers'> {
  return {
    parent: parentOf(state, request),
    work: 'files',
    layers: request.link ? [] : state.layers,
  };
}

/**
 * The recipe of the same copy of the same tree as in an earlier build, when its layer is there: then no file of the
 * tree is looked at. Undefined as soon as anything could be another.
 */
async function recallRecipe(
  context: InstructionContext,
  state: StageState,
  request: CopyRequest,
  find: () => Promise<StepRecipe>,
): Promise<StepRecipe | undefined> {
  const { run, step, stage } = context;
  const keys = recallKeys(context, parentOf(state, request), request);
  if (keys === undefined || whyUncached(run.request, stage) !== undefined) return undefined;
  const { metadataKey, contentKey, ownKey, read } = keys;
  let found: StepRecipe | undefined;
  const recipe: StepRecipe = {
    ...commonRecipe(state, request),
    metadataKey,
    contentKey: () => Promise.resolve(contentKey),
    ownKey: () => ownKey,
    explain: () => found?.explain() ?? { inputs: inputsOf(state, request), files: () => new Map() },
    // Only when the layer goes away at this very moment.
    make: async () => {
      found = await find();
      await found.contentKey();
      return found.make();
    },
  };
  const final = await withFinalKeys(run.request, recipe).contentKey();
  if (!run.explainer.knowsFiles(final) || typeof (await run.cache.find(final)) === 'string') return undefined;
  for (const digest of read) run.note({ type: 'read', step, digest });
  return recipe;
}

function parentOf(state: StageState, { link }: CopyRequest): Digest {
  return link ? EMPTY_KEY : state.key;
}

/** A task as the keys have it. */
interface DescribedTask {
  readonly job: CopyTask['job'];
  /** Stands for what it reads. */
  readonly read: Digest;
  readonly parts: readonly unknown[];
}

/** Without `digests`, as far as metadata alone tells. */
function describeTasks(
  { tasks }: FoundCopy,
  digests: ReadonlyMap<CopyTask, ReadonlyMap<string, Digest>> | undefined,
): readonly DescribedTask[] {
  return tasks.map((task) => {
    const contents = digests?.get(task);
    if (task.kind === 'unpack') {
      const { job } = task;
      const content = Array.from(contents?.values() ?? []);
      const [read = EMPTY_KEY] = content;
      return { job, read, parts: ['unpack', job.destination, job.archive.sizeBytes, ...content] };
    }
    const { job } = task;
    const { destination, baseName, contentsOnly, entries } = job;
    const read = entriesKey(entries, contents);
    return { job, read, parts: ['copy', destination, baseName, contentsOnly, read] };
  });
}

function keyOf(
  parent: Digest,
  { chown, chmodText, link }: CopyRequest,
  tasks: readonly DescribedTask[],
): Digest {
  return cacheKey(
    'copy',
    parent,
    link,
    chown,
    plainMode(chmodText),
    tasks.map(({ parts }) => parts),
  );
}

/** `0644` is `644`. */
function plainMode(chmod: string | undefined): string | undefined {
  return chmod?.replace(/^0+(?=[0-7]+$)/, '');
}

function nodesOf(task: CopyTask): readonly SourceNode[] {
  return task.kind === 'unpack' ? [task.job.archive] : task.job.entries.map(({ node }) => node);
}

function inputsOf(state: StageState, request: CopyRequest): StepInputs {
  const { written, historyText, fromStage, workdir } = request;
  return {
    written,
    expanded: historyText,
    parent: parentOf(state, request),
    ...namedValues(state, written),
    options: workdir === undefined ? {} : { WORKDIR: workdir },
    mounts: {},
    ...(fromStage === undefined ? {} : { fromStage }),
  };
}

function fileVersions(
  request: FoundCopy,
  digests: ReadonlyMap<CopyTask, ReadonlyMap<string, Digest>>,
): FileVersions {
  const files = new Map<string, string>();
  for (const task of request.tasks) {
    for (const node of nodesOf(task)) {
      if (node.path !== '/')
        files.set(node.path.slice(1), describeFile(node, digests.get(task)?.get(node.path)));
    }
  }
  return files;
}

async function makeLayer(
  context: InstructionContext,
  state: StageState,
  request: FoundCopy,
): Promise<StoredLayer> {
  const { run } = context;
  await using unpacked = new AsyncDisposableStack();
  const draft = await composeDraft(context, state, request, unpacked);
  const writer = await openStepWriter(run, run.request.compression, placeOf(context, request));
  return await writeDraft(draft, writer, { signal: run.signal, onProgress: reportProgress(context) });
}

/** What the layer would hold; what an archive unpacks to is seen only when it is unpacked. */
async function foreseeLayer(
  context: InstructionContext,
  state: StageState,
  request: FoundCopy,
): Promise<Toc> {
  if (request.tasks.some(({ kind }) => kind === 'unpack'))
    throw new Unforeseen('an archive is to be unpacked');
  await using unpacked = new AsyncDisposableStack();
  const draft = await composeDraft(context, state, request, unpacked);
  return draftToc(draft, { signal: context.run.signal });
}

async function composeDraft(
  context: InstructionContext,
  state: StageState,
  request: FoundCopy,
  unpacked: AsyncDisposableStack,
  onPlaced?: OnPlaced,
): Promise<LayerDraft> {
  const { run } = context;
  const base = request.link ? undefined : await run.rootFs(state.layers);
  const owner = await placed(request.places?.chown, () => ownerOf(context, state, request.chown, base));
  const rules: CopyRules = {
    owner,
    chmod: request.chmod,
    folderMode: folderModeOf(request.chmodText),
    mtime: epochOf(run.request),
    now: buildTime(run),
  };
  const draft = new LayerDraft(base);
  await placed(request.places?.destination, async () => {
    for (const task of request.tasks) {
      if (task.kind === 'copy') applyCopy(draft, task.job, rules, onPlaced);
      else {
        const { tree, archive, destination } = task.job;
        const content = tree.open(archive, { signal: run.signal });
        await applyArchive(draft, { content, destination }, rules, {
          signal: run.signal,
          root: run.deps.store.root,
          cleanUp: unpacked,
        });
      }
    }
  });
  return draft;
}

/** Tells what came from another stage, if anybody asks; also of a layer that an equal step has made. */
async function tracePlaces(
  context: InstructionContext,
  state: StageState,
  request: CopyRequest,
): Promise<void> {
  const { run, step } = context;
  const { trace } = run;
  const { fromStage: stage } = request;
  if (trace === undefined || stage === undefined) return;
  const copy = { ...request, tasks: await request.findTasks() };
  await using unpacked = new AsyncDisposableStack();
  await composeDraft(context, state, copy, unpacked, (path, source) =>
    trace.copied(step, path, { stage, source }),
  );
}

/** What is copied from where to where, whatever it holds: the next layer of this name will be much like this one. */
function placeOf({ run }: InstructionContext, { tasks }: FoundCopy): Digest {
  const from = tasks.map(({ kind, job }) => [
    job.tree.name,
    kind === 'copy' ? job.root.path : job.archive.path,
    job.destination,
  ]);
  return cacheKey('place', run.request.context, from);
}

function placed<T>(location: SourceLocation | undefined, compute: () => Promise<T>): Promise<T> {
  return location === undefined ? compute() : located(location, compute);
}

/** An unknown name is root's, as with BuildKit, which is seldom meant: the step's output says so. */
async function ownerOf(
  context: InstructionContext,
  state: StageState,
  chown: string | undefined,
  base: RootFs | undefined,
): Promise<Owner | undefined> {
  if (chown === undefined) return undefined;
  const { run, step } = context;
  return lookUpOwner(chown, {
    rootFs: state.layers.length === 0 ? undefined : base,
    onUnknown: (kind, name) => {
      const text = `--chown=${chown}: the image has no ${kind} ${name}; root's number is taken\n`;
      run.emit({ type: 'step-output', step, stream: 'stderr', text });
    },
  });
}

/** A number is the mode of new folders too, as mkdir takes it: without special bits, and under the usual umask. */
function folderModeOf(chmod: string | undefined): number {
  return chmod !== undefined && /^\d+$/.test(chmod) ? parseInt(chmod, 8) & 0o755 : DEFAULT_FOLDER_MODE;
}

function reportProgress({ run, step }: InstructionContext): OnWritten {
  const pace = createPace();
  let totals: ReturnType<typeof totalsOf> | undefined;
  return (written, all) => {
    if (!pace.isDue()) return;
    totals ??= totalsOf(all);
    const bytesPerSecond = pace.rate(written.bytes);
    run.emit({ type: 'step-progress', step, what: 'copying', ...written, ...totals, bytesPerSecond });
  };
}

/** Of a tar. */
const BLOCK_BYTES = 512;

/** What the layer will come to, its headers and padding included. */
function totalsOf(all: readonly DraftEntry[]): {
  readonly totalEntries: number;
  readonly totalBytes: number;
} {
  const blocks = all.reduce((sum, { entry }) => sum + 1 + Math.ceil(entry.sizeBytes / BLOCK_BYTES), 0);
  return { totalEntries: all.length, totalBytes: blocks * BLOCK_BYTES };
}
