import type { Engine } from '../contract/engine-api.ts';
import { isEngineError } from '../contract/errors.ts';
import type { LookAhead } from '../engine/look-ahead.ts';
import { EXIT, type Cli } from './cli.ts';
import type { CommandLog } from './command-log.ts';
import { createOutput } from './output.ts';
import { readVersion } from './version.ts';

/** The command line of this process, with the exit status that it has come to. */
export interface OpenCli extends Cli {
  /** The status to exit with, when no error says another one. */
  status(): number;
  /** Whether Ctrl+C, SIGTERM or a closed pipe ended the work, and so the status. */
  endedBy(): number | undefined;
  /** Why standard output could not be written, when it has a reader. */
  writeError(): Error | undefined;
}

const SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: 129 } as const;

/** A terminal that closes and a program that passes Ctrl+C on send the same signal twice, one right after the other. */
const SAME_SIGNAL_MS = 500;

/**
 * Binds the command line to this process. The first signal cancels; one that comes later, when that has not ended the
 * process, ends it at once. What has been begun for the command before is the engine's.
 */
export function openCli(lookAhead: LookAhead | undefined): OpenCli {
  const abort = new AbortController();
  let status = 0;
  let endedBy: number | undefined;
  let writeError: Error | undefined;
  let signalledMs = Infinity;
  const end = (code: number) => {
    if (performance.now() - signalledMs > SAME_SIGNAL_MS) process.exit(code);
    signalledMs = Math.min(signalledMs, performance.now());
    endedBy ??= code;
    abort.abort();
  };
  const stdoutLost = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') endedBy ??= EXIT.brokenPipe;
    else writeError = error;
    abort.abort();
  };
  const stderrLost = (error: NodeJS.ErrnoException) => {
    // A full disk or a terminal that is gone takes the log away and not the work.
    if (error.code === 'EPIPE') stdoutLost(error);
  };
  for (const [name, code] of Object.entries(SIGNALS)) process.on(name, () => end(code));
  return {
    stdout: createOutput(process.stdout, process.env, stdoutLost),
    stderr: createOutput(process.stderr, process.env, stderrLost),
    stdin: process.stdin,
    env: process.env,
    cwd: process.cwd(),
    signal: abort.signal,
    withEngine: async (use) => {
      const { engine, log } = await openEngineHere(lookAhead);
      try {
        return await use(engine.api);
      } catch (error) {
        // Standard error shows no stack traces; for a defect the log file has one.
        if (!isEngineError(error)) log.error({ err: error }, 'the command failed');
        throw error;
      } finally {
        await engine.close();
      }
    },
    withWorkFolder: async (use) => {
      const { makeWorkFolder, defaultRoot } = await import('../engine/engine.ts');
      await using folder = await makeWorkFolder(defaultRoot(process.env));
      return await use(folder.path);
    },
    exitWith: (code) => (status = code),
    status: () => status,
    endedBy: () => endedBy,
    writeError: () => writeError,
  };
}

async function openEngineHere(
  lookAhead: LookAhead | undefined,
): Promise<{ readonly engine: Engine; readonly log: CommandLog }> {
  const [{ openEngine, defaultRoot }, { withBoundary }, { createCommandLog }] = await Promise.all([
    import('../engine/engine.ts'),
    import('../rpc/with-boundary.ts'),
    import('./command-log.ts'),
  ]);
  const root = defaultRoot(process.env);
  const log = createCommandLog(root, process.env['VARVE_LOG']);
  return {
    engine: withBoundary(await openEngine({ root, log, version: readVersion(), lookAhead }), log),
    log,
  };
}
