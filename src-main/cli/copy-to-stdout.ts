import { createReadStream } from 'node:fs';
import { EngineError } from '../contract/errors.ts';
import type { Cli } from './cli.ts';

/** Refuses to write an archive to a terminal, before any work is done. */
export function refuseTerminal(cli: Cli, what: string, instead: string): void {
  if (!cli.stdout.isTty) return;
  throw new EngineError('INVALID_INPUT', `${what} is not for a terminal`, { hint: instead });
}

/** Copies a file to standard output as fast as its reader takes it. */
export async function copyToStdout(cli: Cli, path: string): Promise<void> {
  const pieces: AsyncIterable<Buffer> = createReadStream(path, {
    highWaterMark: 1 << 20,
    signal: cli.signal,
  });
  for await (const piece of pieces) await cli.stdout.bytes(piece);
}
