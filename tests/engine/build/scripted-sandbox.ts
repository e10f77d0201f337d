import { cancelled } from '../../../src-main/contract/errors.ts';
import { openLayerWriter } from '../../../src-main/engine/filetree/open-layer-writer.ts';
import type { Sandbox, SandboxCommand } from '../../../src-main/engine/sandbox/sandbox.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { createTarEntry } from '../../../src-main/engine/tar/tar-entry.ts';

export interface ScriptedSandbox extends Sandbox {
  /** The commands that ran, in the order in which they began. */
  readonly ran: string[];
}

/**
 * A sandbox for tests of what comes before RUN: it starts no program and knows five, `write PATH TEXT`, `false`,
 * `count PATH`, which writes how many commands have run, `once PATH`, which writes only when it runs for the first
 * time, and `fail second`, which fails when it does not; any other changes nothing. `during` is what happens while a
 * command runs.
 */
export function scriptedSandbox(
  store: Store,
  during: (script: string) => Promise<void> = () => Promise.resolve(),
): ScriptedSandbox {
  const ran: string[] = [];
  return {
    ran,
    probe: () => Promise.resolve({ available: true, runtime: 'script' }),
    run: async (command, { signal, compression }) => {
      const script = scriptOf(command);
      ran.push(script);
      await during(script);
      if (signal?.aborted === true) throw cancelled('RUN');
      const isFirst = ran.indexOf(script) === ran.length - 1;
      if (script === 'false' || (script === 'fail second' && !isFirst))
        return { exitCode: 1, layer: undefined };
      const writer = await openLayerWriter(store, { signal, compression });
      const [verb, path = '', text = ''] = script.split(' ');
      const bytes = Buffer.from(verb === 'count' ? `command ${ran.length}` : text);
      if (verb === 'write' || verb === 'count' || (verb === 'once' && isFirst))
        await writer.add(createTarEntry({ path, type: 'file', mode: 0o644, sizeBytes: bytes.length }), bytes);
      return { exitCode: 0, layer: await writer.commit() };
    },
    diskUsage: () => Promise.resolve({ snapshotBytes: 0, cacheMountBytes: 0 }),
    cacheMounts: () => Promise.resolve([]),
    removeCacheMount: () => Promise.resolve(0),
    openShell: () => ({ write: () => undefined, resize: () => Promise.resolve(), ended: Promise.resolve(0) }),
    prune: () => Promise.resolve({ snapshots: 0, bytes: 0 }),
    close: () => Promise.resolve(),
  };
}

function scriptOf({ args }: SandboxCommand): string {
  return args.at(-1) ?? '';
}
