import { join, resolve } from 'node:path';
import type { Cli } from '../cli.ts';
import { readStdinText, refuseTerminalInput, storeStdin } from '../read-stdin.ts';
import { EngineError } from '../../contract/errors.ts';
import type { BuildOptions } from './build-options.ts';

const DOCKERFILE_LIMIT_BYTES = 4 * 1024 * 1024;
const KEEP_GIT_DIR = /^BUILDKIT_CONTEXT_KEEP_GIT_DIR=(?:1|t|true)$/i;

/** Where a build takes its files and its Dockerfile from. */
export interface OpenContext {
  readonly context: string;
  readonly contextKind?: 'folder' | 'fetched' | 'archive';
  /** The word itself, where the context is not simply a folder. */
  readonly contextName?: string;
  readonly dockerfile?: string | undefined;
  readonly dockerfileText?: string | undefined;
}

type Wanted = Pick<BuildOptions, 'file' | 'buildArg'>;

/**
 * Calls `use` with the build context that the words name, as with docker: a folder; a git repository; the address of
 * a tar or of a Dockerfile; `-` for standard input, which is one of the two. `-f -` reads the Dockerfile from there.
 */
export async function openContext<T>(
  cli: Cli,
  context: string,
  wanted: Wanted,
  use: (context: OpenContext) => Promise<T>,
): Promise<T> {
  const named = (opened: OpenContext) => use({ ...opened, contextName: context });
  if (context === '-')
    return cli.withWorkFolder(async (work) => named(await readContext(cli, work, wanted.file)));
  const { isRemoteContext } = await import('../../engine/engine.ts');
  if (isRemoteContext(context)) {
    return cli.withWorkFolder(async (work) => named(await fetchRemote(cli, context, work, wanted)));
  }
  const folder = resolve(cli.cwd, context);
  const { file } = wanted;
  if (file === '-') return use({ context: folder, dockerfileText: await readDockerfile(cli) });
  return use({ context: folder, dockerfile: file === undefined ? undefined : resolve(cli.cwd, file) });
}

function readDockerfile(cli: Cli): Promise<string> {
  refuseTerminalInput(cli, 'With -f - the Dockerfile comes on standard input.');
  return readStdinText(cli, DOCKERFILE_LIMIT_BYTES);
}

async function fetchRemote(
  cli: Cli,
  context: string,
  work: string,
  { file, buildArg }: Wanted,
): Promise<OpenContext> {
  const { fetchContext } = await import('../../engine/engine.ts');
  const keepGitDir = buildArg.some((text) => KEEP_GIT_DIR.test(text));
  const fetched = await fetchContext(context, work, { signal: cli.signal, keepGitDir });
  const dockerfileText = file === '-' ? await readDockerfile(cli) : await fetched.dockerfile(file);
  return placed(fetched, file, dockerfileText);
}

async function readContext(cli: Cli, work: string, file: string | undefined): Promise<OpenContext> {
  if (file === '-') {
    throw new EngineError(
      'INVALID_INPUT',
      'both the context and the Dockerfile would come on standard input',
      {
        hint: 'Leave -f out: a Dockerfile alone, or a tar with one in it, is recognised.',
      },
    );
  }
  refuseTerminalInput(cli, 'With - the context comes on standard input: a tar, or a Dockerfile.');
  const input = join(work, 'input');
  await storeStdin(cli, input);
  const { openContextFile } = await import('../../engine/engine.ts');
  const opened = await openContextFile(input, work, { signal: cli.signal });
  return placed(opened, file, await opened.dockerfile(file));
}

/** The Dockerfile's name is for messages only. */
function placed(
  { context, contextKind }: Required<Pick<OpenContext, 'context' | 'contextKind'>>,
  file: string | undefined,
  dockerfileText: string,
): OpenContext {
  const name = file === undefined || file === '-' ? 'Dockerfile' : file;
  return { context, contextKind, dockerfile: join(context, name), dockerfileText };
}
