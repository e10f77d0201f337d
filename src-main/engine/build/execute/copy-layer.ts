import type { SourceLocation } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import type { StoredLayer } from '../../filetree/layer-writer.ts';
import type { Toc } from '../../filetree/toc.ts';
import type { RootFs } from '../../filetree/root-fs.ts';
import { buildTime } from '../build-run.ts';
import { cacheKey, entriesKey } from '../cache/cache-key.ts';
import { applyCopy, DEFAULT_FOLDER_MODE, type CopyRules } from '../draft/apply-copy.ts';
import { applyArchive } from '../draft/apply-archive.ts';
import { LayerDraft } from '../draft/layer-draft.ts';
import { writeDraft } from '../draft/write-draft.ts';
import { describeFile } from '../explain/file-version.ts';
import type { FileVersions, StepInputs } from '../explain/step-inputs.ts';
import { namedValues } from './step-inputs.ts';
import { located } from '../plan/locate-error.ts';
import { draftToc } from '../forecast/draft-toc.ts';
import { Unforeseen } from '../forecast/unforeseen.ts';
import { runLayerStep } from '../layer-step.ts';
import { NO_PARENT } from '../step-recipe.ts';
import { lookUpOwner, type Owner } from '../rootfs-users.ts';
import { EMPTY_KEY, withLayer, type StageState } from '../stage-state.ts';
import { openStepWriter } from '../open-step-writer.ts';
import { epochOf } from '../time-rules.ts';
import type { CopyRequest, CopyTask } from './copy-request.ts';
import type { InstructionContext } from './instruction-context.ts';

/** Makes COPY's or ADD's layer, or finds it in the cache. */
export async function copyLayer(
  context: InstructionContext,
  state: StageState,
  request: CopyRequest,
): Promise<StageState> {
  const digests = new Map<CopyTask, ReadonlyMap<string, Digest>>();
  const made = await runLayerStep(context, {
    metadataKey: keyOf(parentOf(state, request), request, undefined),
    contentKey: async () => {
      for (const task of request.tasks) digests.set(task, await contentsOf(context, task));
      return keyOf(parentOf(state, request), request, digests, ({ tree }, digest) => {
        if (context.run.sources.holds(tree)) context.run.note({ type: 'read', step: context.step, digest });
      });
    },
    explain: () => ({
      inputs: inputsOf(state, request),
      files: () => fileVersions(request, digests),
    }),
    make: () => makeLayer(context, state, request),
    parent: parentOf(state, request),
    ownKey: () => keyOf(NO_PARENT, request, digests),
    foresee: () => foreseeLayer(context, state, request),
    work: 'files',
    layers: request.link ? [] : state.layers,
  });
  return withLayer(state, made, request.historyText);
}

function parentOf(state: StageState, { link }: CopyRequest): Digest {
  return link ? EMPTY_KEY : state.key;
}

function keyOf(
  parent: Digest,
  request: CopyRequest,
  digests: ReadonlyMap<CopyTask, ReadonlyMap<string, Digest>> | undefined,
  onRead?: (job: CopyTask['job'], digest: Digest) => void,
): Digest {
  const tasks = request.tasks.map((task) => {
    const contents = digests?.get(task);
    if (task.kind === 'unpack') {
      const [content] = contents?.values() ?? [];
      if (content !== undefined) onRead?.(task.job, content);
      return ['unpack', task.job.destination, task.job.archive.sizeBytes, ...(contents?.values() ?? [])];
    }
    const { destination, baseName, contentsOnly, entries } = task.job;
    const key = entriesKey(entries, contents);
    onRead?.(task.job, key);
    return ['copy', destination, baseName, contentsOnly, key];
  });
  const { chown, chmodText, link } = request;
  return cacheKey('copy', parent, link, chown, chmodText, tasks);
}

async function contentsOf(context: InstructionContext, task: CopyTask): Promise<ReadonlyMap<string, Digest>> {
  const { tree } = task.job;
  const nodes = task.kind === 'unpack' ? [task.job.archive] : task.job.entries.map(({ node }) => node);
  const contents = new Map<string, Digest>();
  for (const node of nodes) {
    if (node.type === 'file')
      contents.set(node.path, await tree.digest(node, { signal: context.run.signal }));
  }
  return contents;
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
  request: CopyRequest,
  digests: ReadonlyMap<CopyTask, ReadonlyMap<string, Digest>>,
): FileVersions {
  const files = new Map<string, string>();
  for (const task of request.tasks) {
    const nodes = task.kind === 'unpack' ? [task.job.archive] : task.job.entries.map(({ node }) => node);
    for (const node of nodes) {
      if (node.path !== '/')
        files.set(node.path.slice(1), describeFile(node, digests.get(task)?.get(node.path)));
    }
  }
  return files;
}

async function makeLayer(
  context: InstructionContext,
  state: StageState,
  request: CopyRequest,
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
  request: CopyRequest,
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
  request: CopyRequest,
  unpacked: AsyncDisposableStack,
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
      if (task.kind === 'copy') applyCopy(draft, task.job, rules);
      else {
        const { tree, archive, destination } = task.job;
        const content = tree.open(archive, { signal: run.signal });
        await applyArchive(draft, { content, destination }, rules, { signal: run.signal, cleanUp: unpacked });
      }
    }
  });
  return draft;
}

/** What is copied from where to where, whatever it holds: the next layer of this name will be much like this one. */
function placeOf({ run }: InstructionContext, { tasks }: CopyRequest): Digest {
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

const REPORT_EVERY_MS = 100;

/** Ten reports a second are enough for an eye. */
function reportProgress(context: InstructionContext): (entries: number, bytes: number) => void {
  let last = 0;
  return (entries, bytes) => {
    const at = Date.now();
    if (at - last < REPORT_EVERY_MS) return;
    last = at;
    context.run.emit({ type: 'step-progress', step: context.step, what: 'copying', entries, bytes });
  };
}
