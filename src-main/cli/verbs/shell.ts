import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import type { EngineApi } from '../../contract/engine-api.ts';
import type { Cli } from '../cli.ts';

const EXAMPLES = `
Examples:
  varve shell app:1
  varve shell app:1 /bin/ls -l /
  varve shell 3f2a9c01d7e4      # the digest that a build names when a RUN fails`;

export function shellCommand(cli: Cli): Command {
  return new Command('shell')
    .description(
      'Starts a shell in an image, or in what a RUN that failed had left: with its environment, user, folder and ' +
        'mounts, without its secrets. Whatever it changes is thrown away.',
    )
    .argument('<ref>', 'a tag, digest or image ID')
    .argument('[command...]', 'what to run in place of the shell')
    .allowUnknownOption()
    .addHelpText('after', EXAMPLES)
    .action((ref: string, command: string[]) =>
      cli.withEngine(async (api) => cli.exitWith(await run(cli, api, ref, command))),
    );
}

/** The program's terminal is this one: keys go in as they are pressed, and it follows this one's size. */
async function run(cli: Cli, api: EngineApi, image: string, command: readonly string[]): Promise<number> {
  const id = randomUUID();
  const { stdin } = cli;
  const input = (bytes: Buffer): void => ignoreEnded(api.terminals.input({ id, text: bytes.toString() }));
  let ending: NodeJS.Timeout | undefined;
  const end = (): void => {
    sayEnd(api, id);
    ending = setInterval(() => sayEnd(api, id), SAY_END_EVERY_MS);
  };
  const resize = (): void => ignoreEnded(api.terminals.resize({ id, ...size() }));
  const running = api.terminals.open(
    { id, image, ...size(), ...(command.length === 0 ? {} : { command: [...command] }) },
    { signal: cli.signal, onProgress: ({ text }) => void cli.stdout.bytes(Buffer.from(text)) },
  );
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on('data', input).once('end', end);
  process.stdout.on('resize', resize);
  try {
    return (await running).exitCode;
  } finally {
    clearInterval(ending);
    process.stdout.off('resize', resize);
    stdin.off('data', input).off('end', end).pause();
    if (stdin.isTTY) stdin.setRawMode(false);
  }
}

const SAY_END_EVERY_MS = 200;

/**
 * Ctrl+D tells a terminal's program that nothing more comes. One that is just changing how it reads, as a shell does
 * around each command, never sees it: so it is said again until the program has ended.
 */
function sayEnd(api: EngineApi, id: string): void {
  ignoreEnded(api.terminals.input({ id, text: '\x04' }));
}

const PLAIN_SIZE = { columns: 80, rows: 24 };

function size(): { readonly columns: number; readonly rows: number } {
  const { columns, rows } = process.stdout;
  return columns > 0 && rows > 0 ? { columns, rows } : PLAIN_SIZE;
}

/** The program may end while the person still types. */
function ignoreEnded(call: Promise<unknown>): void {
  call.catch(() => undefined);
}
