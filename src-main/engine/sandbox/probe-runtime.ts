import { stat } from 'node:fs/promises';
import { EngineError, isEngineError } from '../../contract/errors.ts';
import { createTarEntry, type TarEntry } from '../tar/tar-entry.ts';
import { hasTool } from './has-tool.ts';
import type { Run, Session } from './open-session.ts';
import { planOverlay } from './overlay-plan.ts';
import { runBundle, type Bundle } from './run-bundle.ts';
import type { Runtime } from './runtime.ts';
import { createRuntimeSpec, type SpecMount } from './runtime-spec.ts';
import type { SandboxCommand } from './sandbox.ts';

export interface FoundRuntime {
  readonly runtime: Runtime | undefined;
  /** What went wrong with the one that was tried last. */
  readonly error?: EngineError | undefined;
}

/** The first runtime that runs a command of the host's in a sandbox like a build's. */
export async function probeRuntime(session: Session, runtimes: readonly Runtime[]): Promise<FoundRuntime> {
  let last: EngineError | undefined;
  for (const runtime of runtimes) {
    if (!(await hasTool(runtime.name))) continue;
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

/** Ends well only where the root file system is as it must be: no device on it can be opened. */
const CHECK = `
while read -r id parent device root point options rest; do
  case "$point $options," in '/ '*,nodev,*) exit 0 ;; esac
done < /proc/self/mountinfo
echo 'devices on the root file system can be opened' >&2; exit 1
`;

const PROBE: SandboxCommand = {
  layers: [],
  args: ['/bin/sh', '-c', CHECK],
  env: ['PATH=/usr/bin:/bin'],
  secretEnv: [],
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
  const run = await session.openRun(runtime);
  try {
    const bundle = await probeBundle(session, run, runtime);
    const said: string[] = [];
    const onOutput = (_: string, bytes: Uint8Array) => void said.push(Buffer.from(bytes).toString());
    const exitCode = await runBundle(bundle, { lane: run.lane, onOutput });
    run.ended();
    if (exitCode !== 0) throw refused(runtime, said.join('').trim());
  } finally {
    await run.close();
  }
}

function refused({ name }: Runtime, said: string): EngineError {
  return new EngineError('SANDBOX_UNAVAILABLE', `${name} makes no sandbox here: ${said}`);
}

async function probeBundle(session: Session, run: Run, runtime: Runtime): Promise<Bundle> {
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
    losesNodev: runtime.losesNodev,
  });
  const entries = [...root.entries, ...probeEntries(folders)].map((entry) => ({ entry }));
  return { folder: run.folder, id: run.id, runtime, spec, isSecret: false, overlays: [root], entries };
}

function probeEntries(folders: readonly string[]): readonly TarEntry[] {
  const stubs = ['', '/dev', '/proc', '/sys', ...folders];
  return stubs.map((path) => createTarEntry({ path: `stubs${path}`, type: 'directory' }));
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
