import { isEngineError } from '../../../contract/errors.ts';
import type { StoredLayer } from '../../filetree/layer-writer.ts';
import { keepFailedRoot } from '../../image/failed-roots.ts';
import { toShellSettings } from '../shell-settings.ts';
import { isAborted } from '../../sandbox/is-aborted.ts';
import type { SandboxCommand } from '../../sandbox/sandbox.ts';
import { imageDocument } from '../output/image-document.ts';
import { withLayer, type StageState } from '../stage-state.ts';
import type { InstructionContext } from './instruction-context.ts';

export interface FailedCommand {
  readonly command: SandboxCommand;
  /** The command's text in the history. */
  readonly text: string;
  readonly layer: StoredLayer;
}

/** Keeps the file system as a command that failed has left it, and tells its digest, with which one can go and look. */
export async function tellFailedRoot(
  { run, step }: InstructionContext,
  state: StageState,
  { command, text, layer }: FailedCommand,
): Promise<void> {
  const { store, log } = run.deps;
  const { descriptor, diffId, toc } = layer;
  const created = new Date(run.deps.clock?.() ?? Date.now()).toISOString();
  const made = { layer: { descriptor, diffId }, contentDigest: toc.contentDigest, created };
  const after = withLayer(state, made, text);
  const settings = toShellSettings(command);
  const layers = settings.mounts.flatMap((mount) => (mount.type === 'layers' ? mount.layers : []));
  try {
    const draft = { config: imageDocument(run, after), layers: after.layers };
    const image = await keepFailedRoot(store, draft, {
      signal: run.signal,
      details: settings,
      layers: layers.map((each) => each.descriptor.digest),
    });
    // Meanwhile another stage may have failed, which is what the build failed of.
    if (isAborted(run.signal)) return;
    run.emit({ type: 'failed-root', step, image: image.descriptor.digest });
  } catch (error) {
    // The command's own failure is the one to tell: a full disk must not hide it.
    if (!isEngineError(error)) throw error;
    log.info({ code: error.code }, 'what a command left could not be kept');
  }
}
