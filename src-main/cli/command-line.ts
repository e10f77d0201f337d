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
  await cli.stdout.flush();
  const lost = cli.writeError();
  if (lost !== undefined) cli.stderr.line(`varve: standard output: ${lost.message.replace(/^[A-Z]+: /, '')}`);
  await cli.stderr.flush();
  process.exit(cli.endedBy() ?? (lost === undefined ? status : EXIT.failed));
}

/** The engine's word for it, and Node's where a stream of this process was ended. */
function isCancellation(error: unknown): boolean {
  return isEngineError(error, 'CANCELLED') || (error instanceof Error && error.name === 'AbortError');
}

/** By a person, to whom it is to be said. */
function isInterrupted({ endedBy }: OpenCli): boolean {
  return endedBy() !== undefined && endedBy() !== EXIT.brokenPipe;
}

/** Answers the exit status. */
async function run(here: OpenCli, words: readonly string[]): Promise<number> {
  try {
    const program = await createProgram(here, words);
    await program.parseAsync(words, { from: 'user' });
    return here.status();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
    if (!here.signal.aborted || !isCancellation(error)) here.stderr.line(formatError(error, here));
    else if (isInterrupted(here)) here.stderr.line('varve: cancelled');
    return here.status() || EXIT.failed;
  }
}
