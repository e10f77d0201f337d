import { randomUUID } from 'node:crypto';
import { cacheMountId } from '../../sandbox/cache-mount-id.ts';
import type { Sandbox, SandboxMount } from '../../sandbox/sandbox.ts';

/**
 * The sandbox with cache mounts of its own: they begin empty, or as their `from` says, are shared by all that runs
 * here, and are gone when it is disposed of. Those that other builds know are not touched.
 */
export function emptyCacheMounts(sandbox: Sandbox): Sandbox & AsyncDisposable {
  const scope = randomUUID();
  const ids = new Set<string>();
  const own = (mount: SandboxMount): SandboxMount => {
    if (mount.type !== 'cache') return mount;
    const id = `${mount.id}\n${scope}`;
    ids.add(cacheMountId(id));
    return { ...mount, id, name: `${mount.name} of a proof` };
  };
  return {
    ...sandbox,
    run: (command, options) => sandbox.run({ ...command, mounts: command.mounts.map(own) }, options),
    [Symbol.asyncDispose]: async () => {
      for (const id of ids) await sandbox.removeCacheMount(id, { isForgotten: true });
    },
  };
}
