import type { EngineApi } from '../../contract/engine-api.ts';
import { EngineError } from '../../contract/errors.ts';
import { readShellSettings } from '../build/shell-settings.ts';
import type { RootFs } from '../filetree/root-fs.ts';
import { stackRootFs } from '../filetree/stack-root-fs.ts';
import { failedRootDetails } from '../image/failed-roots.ts';
import type { Image } from '../image/image.ts';
import { resolveImage } from '../image/resolve-image.ts';
import type { Sandbox, SandboxCommand, ShellSession } from '../sandbox/sandbox.ts';
import type { Store } from '../store/store.ts';

const HOSTNAME = 'varve';
const TERMINAL = 'TERM=xterm-256color';
/** The first that is there. */
const SHELLS = ['/bin/bash', '/bin/ash', '/bin/sh', '/usr/bin/sh', '/busybox/sh'];

/** The `terminals` area: shells that run now, by the id that their opener chose. */
export function createTerminalsCalls(store: Store, sandbox: Sandbox): EngineApi['terminals'] {
  const open = new Map<string, ShellSession>();
  const find = (id: string): ShellSession => {
    const session = open.get(id);
    if (session === undefined) throw new EngineError('NOT_FOUND', 'the terminal has ended');
    return session;
  };
  return {
    open: async ({ id, image, command, columns, rows }, { signal, onProgress } = {}) => {
      if (open.has(id)) throw new EngineError('INVALID_INPUT', `the terminal ${id} is open already`);
      const decoder = new TextDecoder();
      const session = sandbox.openShell(shellCommand(store, image, command), {
        signal,
        size: { columns, rows },
        onOutput: (bytes) => onProgress?.({ text: decoder.decode(bytes, { stream: true }) }),
      });
      open.set(id, session);
      try {
        return { exitCode: await session.ended };
      } finally {
        open.delete(id);
      }
    },
    input: async ({ id, text }) => (find(id).write(text), Promise.resolve({})),
    resize: async ({ id, ...size }) => {
      await find(id).resize(size);
      return {};
    },
  };
}

async function shellCommand(
  store: Store,
  ref: string,
  command: readonly string[] | undefined,
): Promise<SandboxCommand> {
  const { image } = await resolveImage(store, ref);
  const kept = readShellSettings(failedRootDetails(store, image.descriptor.digest));
  const settings = kept ?? settingsOf(image);
  const rootFs = await stackRootFs(store, image.layers);
  const args = command ?? [findShell(rootFs, ref)];
  return { ...settings, layers: image.layers, args, env: [...settings.env, TERMINAL], secretEnv: [] };
}

/** As a container of the image would start. */
function settingsOf({ config }: Image): NonNullable<ReturnType<typeof readShellSettings>> {
  const { Env, User, WorkingDir } = config.config ?? {};
  return {
    env: [...(Env ?? [])],
    cwd: WorkingDir || '/',
    user: User ?? '',
    network: 'host',
    hostname: HOSTNAME,
    addHosts: [],
    mounts: [],
  };
}

function findShell(rootFs: RootFs, ref: string): string {
  const found = SHELLS.find((path) => rootFs.stat(path) !== undefined);
  if (found !== undefined) return found;
  throw new EngineError('NOT_FOUND', `${ref} has no shell`, {
    hint: 'Its files can be looked at without one: `varve ls`, `varve cat`, or the Layers screen.',
  });
}
