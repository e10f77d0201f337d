import type { BuildRequest } from '../../../contract/builds-api.ts';
import { saveArchive } from '../../image/save/save-archive.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { parseReference } from '../../oci/reference.ts';
import type { BuildRun } from '../build-run.ts';
import type { StageState } from '../stage-state.ts';
import { exportFolder } from './export-folder.ts';
import { exportTar } from './export-tar.ts';
import { reportExport } from './report-export.ts';

type Output = BuildRequest['outputs'][number];

/** Writes the image to the destinations that the caller named beside the store. */
export async function writeOutputs(run: BuildRun, state: StageState, digest: Digest): Promise<void> {
  for (const output of run.request.outputs) {
    await writeOutput(run, state, digest, output);
  }
}

async function writeOutput(run: BuildRun, state: StageState, digest: Digest, output: Output): Promise<void> {
  const { store } = run.deps;
  const { signal } = run;
  const onProgress = reportExport(run.emit, `${output.type} ${output.destination}`);
  switch (output.type) {
    case 'tar':
      return exportTar(await run.rootFs(state.layers), output.destination, { signal, onProgress });
    case 'local':
      return exportFolder(await run.rootFs(state.layers), output.destination, { signal, onProgress });
    case 'oci':
    case 'docker':
      await saveArchive(store, [digest], output.destination, {
        format: output.type,
        signal,
        onProgress,
        names: run.request.tags.map(parseReference),
      });
  }
}
