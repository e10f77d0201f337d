import { workdirHistory } from '../../dockerfile/history-text.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { cleanPath } from '../../dockerfile/clean-path.ts';
import type { WorkdirInstruction } from '../../dockerfile/instruction.ts';
import type { StoredLayer } from '../../filetree/layer-writer.ts';
import { absoluteWorkdir } from '../absolute-workdir.ts';
import { buildTime } from '../build-run.ts';
import { cacheKey } from '../cache/cache-key.ts';
import { DEFAULT_FOLDER_MODE } from '../draft/apply-copy.ts';
import { LayerDraft } from '../draft/layer-draft.ts';
import { writeDraft } from '../draft/write-draft.ts';
import { draftToc } from '../forecast/draft-toc.ts';
import { runLayerStep } from '../layer-step.ts';
import { NO_PARENT } from '../step-recipe.ts';
import { lookUpOwner } from '../rootfs-users.ts';
import { withHistory, withLayer, type StageState } from '../stage-state.ts';
import { openStepWriter } from '../open-step-writer.ts';
import { expandIn, type InstructionContext } from './instruction-context.ts';
import type { StepInputs } from '../explain/step-inputs.ts';
import { namedValues, writtenText } from './step-inputs.ts';

/** WORKDIR: makes the folder as the present USER, in a layer of its own even when it is there. */
export async function executeWorkdir(
  context: InstructionContext,
  state: StageState,
  instruction: WorkdirInstruction,
): Promise<StageState> {
  const written = expandIn(context, state, instruction.path.text, instruction.path.location);
  const path = absoluteWorkdir(state.config.WorkingDir ?? '', written);
  const next = { ...state, config: { ...state.config, WorkingDir: path } };
  const text = workdirHistory(path);
  if (path === '/') return withHistory(next, text);
  const user = state.config.User ?? '';
  const made = await runLayerStep(context, {
    contentKey: () => Promise.resolve(keyOf(state.key, path, user)),
    parent: state.key,
    ownKey: () => keyOf(NO_PARENT, path, user),
    foresee: async () =>
      draftToc(await composeDraft(context, state, path, user), { signal: context.run.signal }),
    explain: () => ({ inputs: inputsOf(state, instruction, { path, user }), files: () => new Map() }),
    make: () => makeFolderLayer(context, state, path, user),
    work: 'files',
    layers: state.layers,
  });
  return withLayer(next, made, text);
}

function keyOf(parent: Digest, path: string, user: string): Digest {
  return cacheKey('workdir', parent, cleanPath(path), user);
}

function inputsOf(
  state: StageState,
  instruction: WorkdirInstruction,
  made: { readonly path: string; readonly user: string },
): StepInputs {
  const written = writtenText(instruction);
  return {
    written,
    expanded: `WORKDIR ${made.path}`,
    parent: state.key,
    ...namedValues(state, written),
    options: { USER: made.user },
    mounts: {},
  };
}

async function makeFolderLayer(
  context: InstructionContext,
  state: StageState,
  path: string,
  user: string,
): Promise<StoredLayer> {
  const { run } = context;
  const draft = await composeDraft(context, state, path, user);
  const writer = await openStepWriter(run, run.request.compression);
  return writeDraft(draft, writer, { signal: run.signal });
}

async function composeDraft(
  { run }: InstructionContext,
  state: StageState,
  path: string,
  user: string,
): Promise<LayerDraft> {
  const base = await run.rootFs(state.layers);
  const rootFs = state.layers.length === 0 ? undefined : base;
  const owner = user === '' ? undefined : await lookUpOwner(user, { rootFs });
  const draft = new LayerDraft(base);
  draft.makeFolders(draft.resolve(path), {
    uid: owner?.uid,
    gid: owner?.gid,
    mode: DEFAULT_FOLDER_MODE,
    mtime: buildTime(run),
  });
  return draft;
}
