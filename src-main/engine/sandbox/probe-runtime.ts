import { stat } from 'node:fs/promises';
import { isEngineError, type EngineError } from '../../contract/errors.ts';
import { createTarEntry } from '../tar/tar-entry.ts';
import { hasTool } from './has-tool.ts';
import type { Session } from './open-session.ts';
import { planOverlay } from './overlay-plan.ts';
import { runBundle } from './run-bundle.ts';
import { RUNTIMES, type Runtime } from './runtime.ts';
import { createRuntimeSpec, type SpecMount } from './runtime-spec.ts';
import type { SandboxCommand } from './sandbox.ts';
import type { TreeEntry } from './tar-stream.ts';

export interface FoundRuntime {
  readonly runtime: Runtime | undefined;
  /** What went wrong with the one that was tried last. */
  readonly error?: EngineError | undefined;
}

/** The first runtime that runs a command of the host's in a sandbox like a build's. */
export async function probeRuntime(session: Session): Promise<FoundRuntime> {
  let last: EngineError | undefined;
  for (const runtime of RUNTIMES) {
    if (!fits(session, runtime) || !(await hasTool(runtime.name))) continue;
    try {
      await tryRuntime(session, runtime);
      return { runtime };
    } catch (error) {
      if (!isEngineError(error)) throw error;
      last = error;
    }
  }
  return { runtime: undefined, error: last };
}

/** crun takes `nodev` off a root file system; in a user namespace that changes nothing. */
function fits({ namespace }: Session, runtime: Runtime): boolean {
  return namespace.rootless || runtime.name === 'runc';
}

const PROBE: SandboxCommand = {
  layers: [],
  args: ['/bin/sh', '-c', ':'],
  env: ['PATH=/usr/bin:/bin'],
  cwd: '/',
  user: '',
  mounts: [],
  network: 'host',
  hostname: 'probe',
  addHosts: [],
};

/** Where the host's shell and its libraries are, on every distribution. */
const HOST_FOLDERS = ['/bin', '/lib', '/lib64', '/nix', '/usr'];

async function tryRuntime(session: Session, runtime: Runtime): Promise<void> {
  const run = await session.openRun();
  try {
    const folders = await existing(HOST_FOLDERS);
    const mounts = folders.map((path): SpecMount => {
      return { destination: path, type: 'bind', source: path, options: ['rbind', 'ro'] };
    });
    const root = planOverlay({
      folder: '',
      root: createTarEntry({ path: '', type: 'directory' }),
      lower: ['../stubs'],
    });
    const spec = createRuntimeSpec({
      command: PROBE,
      user: { uid: 0, gid: 0, groups: [], home: '/' },
      rootFolder: `${run.folder}/root`,
      mounts,
      rootless: session.namespace.rootless,
    });
    const entries = probeEntries(folders, JSON.stringify(spec));
    await runBundle(
      {
        folder: run.folder,
        id: run.id,
        runtime,
        overlays: [root],
        entries: [...root.entries.map((entry) => ({ entry })), ...entries],
      },
      { namespace: session.namespace, onOutput: () => undefined },
    );
  } finally {
    await run.close();
  }
}

function probeEntries(folders: readonly string[], spec: string): readonly TreeEntry[] {
  const stubs = ['', '/dev', '/proc', '/sys', ...folders];
  const content = Buffer.from(spec);
  return [
    ...stubs.map((path) => ({ entry: createTarEntry({ path: `stubs${path}`, type: 'directory' }) })),
    { entry: createTarEntry({ path: 'config.json', type: 'file', sizeBytes: content.length }), content },
  ];
}

async function existing(paths: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of paths)
    if (
      await stat(path).then(
        (stats) => stats.isDirectory(),
        () => false,
      )
    )
      found.push(path);
  return found;
}
