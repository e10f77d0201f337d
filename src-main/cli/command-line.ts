import { CommanderError } from 'commander';
import { isEngineError } from '../contract/errors.ts';
import type { LookAhead } from '../engine/look-ahead.ts';
import { EXIT } from './cli.ts';
import { openCli, type OpenCli } from './open-cli.ts';
import { createProgram } from './program.ts';
import { formatError } from './report-error.ts';

/** Runs the verb that this process was started with, and ends the process. */
export async function runCommandLine(
  words: readonly string[],
  lookAhead: LookAhead | undefined,
): Promise<never> {
  const cli = openCli(lookAhead);
  const status = await run(cli, words);
  lookAhead?.[Symbol.dispose]();
  await Promise.all([cli.stdout.flush(), cli.stderr.flush()]);
  process.exit(cli.endedBy() ?? status);
}

/** The engine's word for it, and Node's where a stream of this process was ended. */
function isCancellation(error: unknown): boolean {
  return isEngineError(error, 'CANCELLED') || (error instanceof Error && error.name === 'AbortError');
}

/** Answers the exit status. */
async function run(here: OpenCli, words: readonly string[]): Promise<number> {
  try {
    const program = await createProgram(here, words);
    await program.parseAsync(words, { from: 'user' });
    return here.status();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
    const told = here.endedBy() !== undefined && isCancellation(error);
    if (!told) here.stderr.line(formatError(error, here));
    else if (here.endedBy() !== EXIT.brokenPipe) here.stderr.line('varve: cancelled');
    return here.status() || EXIT.failed;
  }
}
