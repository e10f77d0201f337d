import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { EngineError } from '../contract/errors.ts';
import type { Cli } from './cli.ts';

/** Refuses to read what no person types from a terminal. */
export function refuseTerminalInput(cli: Cli, hint: string): void {
  if (!cli.stdin.isTTY) return;
  throw new EngineError('INVALID_INPUT', 'nothing comes on standard input', { hint });
}

/** All of standard input as text, at most `limitBytes`. LIMIT_EXCEEDED beyond that. */
export async function readStdinText(cli: Cli, limitBytes: number): Promise<string> {
  return (await readStdin(cli.stdin, limitBytes)).toString('utf8');
}

async function readStdin(stdin: Readable, limitBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stdin as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > limitBytes) {
      throw new EngineError('LIMIT_EXCEEDED', `standard input has more than ${limitBytes} bytes`);
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Writes all of standard input to a new file. */
export async function storeStdin(cli: Cli, path: string): Promise<void> {
  await pipeline(cli.stdin, createWriteStream(path, { flags: 'wx', mode: 0o600 }), { signal: cli.signal });
}
