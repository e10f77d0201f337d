import { EngineError } from '../../contract/errors.ts';
import { hasTool } from './has-tool.ts';
import { resizeTerminal } from './resize-terminal.ts';
import { runBundle } from './run-bundle.ts';
import { withRun, type RunParts } from './run-command.ts';
import type { Sandbox, SandboxCommand, ShellSession } from './sandbox.ts';
import type { Lane } from './open-lane.ts';

/** See `Sandbox.openShell`. Its lane is not used again: what was typed and not read is still in it. */
export function openShell(
  parts: Promise<RunParts>,
  command: Promise<SandboxCommand>,
  options: Parameters<Sandbox['openShell']>[1],
): ShellSession {
  const { signal, size, onOutput } = options;
  let open: { readonly lane: Lane; readonly device: string } | undefined;
  let typed = '';
  const run = async (): Promise<number> => {
    const [ready, wanted] = await Promise.all([parts, command]);
    if (!(await hasTool('script'))) throw noScript();
    return withRun(ready, wanted, { signal, terminal: size }, async ({ run, bundle }) => {
      const { lane } = run;
      const onTerminal = (device: string): void => {
        open = { lane, device };
        if (typed !== '') lane.send(Buffer.from(typed));
      };
      const pass = (_: string, bytes: Uint8Array): void => onOutput(bytes);
      return { result: await runBundle(bundle, { signal, lane, onOutput: pass, onTerminal }) };
    }).finally(() => (open = undefined));
  };
  return {
    ended: run(),
    write: (text) => {
      if (open === undefined) typed += text;
      else open.lane.send(Buffer.from(text));
    },
    resize: async (next) => {
      if (open !== undefined) await resizeTerminal((await parts).session.namespace, open.device, next);
    },
  };
}

function noScript(): EngineError {
  return new EngineError('SANDBOX_UNAVAILABLE', 'a terminal needs the program script', {
    hint: 'It is in the package bsdutils, util-linux or util-linux-script.',
  });
}
