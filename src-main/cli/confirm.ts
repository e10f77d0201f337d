import { createInterface } from 'node:readline/promises';
import { EngineError } from '../contract/errors.ts';
import type { Cli } from './cli.ts';

/** Asks whether to free what was told; INVALID_INPUT where no one can answer. */
export async function confirm(cli: Cli, verb: string): Promise<boolean> {
  if (!cli.stdin.isTTY) {
    throw new EngineError(
      'INVALID_INPUT',
      `${verb} asks before it frees anything, and here is no one to ask`,
      {
        hint: 'Say -f to free it without being asked.',
      },
    );
  }
  const dialog = createInterface({ input: cli.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await dialog.question('Free it? [y/N] ', { signal: cli.signal })).trim());
  } finally {
    dialog.close();
  }
}
