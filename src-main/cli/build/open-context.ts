import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EngineError } from '../../contract/errors.ts';
import type { Cli } from '../cli.ts';
import { readStdinText, refuseTerminalInput, storeStdin } from '../read-stdin.ts';
import { withTempFolder } from '../with-temp-folder.ts';

const DOCKERFILE_LIMIT_BYTES = 4 * 1024 * 1024;
const REMOTE = /^(?:https?|git|ssh):\/\/|^git@|^github\.com\//;

/** Where a build takes its files and its Dockerfile from. */
export interface OpenContext {
  readonly context: string;
  readonly dockerfile?: string | undefined;
  readonly dockerfileText?: string | undefined;
}

/**
 * Calls `use` with the build context that the words name: a folder, or `-` for standard input, which is a tar of the
 * context or a Dockerfile without one, as with docker. `-f -` reads the Dockerfile from standard input.
 */
export async function openContext<T>(
  cli: Cli,
  context: string,
  file: string | undefined,
  use: (context: OpenContext) => Promise<T>,
): Promise<T> {
  if (context === '-') return withTempFolder((folder) => readContext(cli, folder, file, use));
  if (REMOTE.test(context)) {
    throw new EngineError('UNSUPPORTED', `${context}: Varve builds from folders`, {
      hint: 'Clone or fetch it first, then build the folder.',
    });
  }
  const folder = resolve(cli.cwd, context);
  if (file !== '-') {
    return use({ context: folder, dockerfile: file === undefined ? undefined : resolve(cli.cwd, file) });
  }
  refuseTerminalInput(cli, 'With -f - the Dockerfile comes on standard input.');
  return use({ context: folder, dockerfileText: await readStdinText(cli, DOCKERFILE_LIMIT_BYTES) });
}

async function readContext<T>(
  cli: Cli,
  folder: string,
  file: string | undefined,
  use: (context: OpenContext) => Promise<T>,
): Promise<T> {
  refuseTerminalInput(cli, 'With - the context comes on standard input: a tar, or a Dockerfile.');
  const input = join(folder, 'input');
  const context = join(folder, 'context');
  await storeStdin(cli, input);
  await mkdir(context);
  const { isTarArchive, unpackContext } = await import('../../engine/engine.ts');
  if (await isTarArchive(input)) {
    await unpackContext(input, context, { signal: cli.signal });
    return use({ context, dockerfile: file === undefined ? undefined : resolve(context, file) });
  }
  if (file !== undefined) {
    throw new EngineError('INVALID_INPUT', `standard input is no tar, so there is no ${file} in it`);
  }
  const dockerfile = join(context, 'Dockerfile');
  await writeFile(dockerfile, await readFile(input));
  return use({ context, dockerfile });
}
