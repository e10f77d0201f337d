import { createReadStream } from 'node:fs';
import { lstat, mkdir, realpath, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanPath } from '../../dockerfile/clean-path.ts';
import { EngineError } from '../../../contract/errors.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import { cloneRepository } from '../source/clone-repository.ts';
import { download } from '../source/download.ts';
import { parseGitSource, type GitSource } from '../source/git-source.ts';
import { isTarArchive } from '../source/read-archive.ts';
import { dockerfileText } from './dockerfile-text.ts';
import { readArchiveText } from './read-archive-text.ts';

/** A build context that was brought here for one build, in a folder of the caller's. */
export interface FetchedContext {
  readonly context: string;
  /** What a build request says of it: no ignore file of its own applies. */
  readonly contextKind: 'fetched' | 'archive';
  /** The text of a Dockerfile inside; without a name, of the one that the context stands for. NOT_FOUND. */
  dockerfile(file: string | undefined): Promise<string>;
}

/** True for what is no folder of this machine: a git repository or an address. */
export function isRemoteContext(text: string): boolean {
  return /^https?:\/\//.test(text) || gitContext(text) !== undefined;
}

/** GitHub's repositories need no scheme and no suffix here, as nowhere else. */
function gitContext(text: string): GitSource | undefined {
  return parseGitSource(
    text.replace(/^github\.com\/([^#?]*?)(?:\.git)?(?=[#?]|$)/, 'https://github.com/$1.git'),
  );
}

/** Fetches a context into `work`, an empty folder. A tar or a lone Dockerfile is known by its content. */
export async function fetchContext(
  text: string,
  work: string,
  options: LongOptions & { readonly keepGitDir: boolean },
): Promise<FetchedContext> {
  const repository = gitContext(text);
  if (repository !== undefined) return cloneContext(repository, work, options);
  const file = join(work, 'file');
  await download(text, file, options);
  if (await isTarArchive(createReadStream(file), options)) return archiveContext(file, options);
  // As with BuildKit, the Dockerfile is all that there is to copy, under this name.
  const folder = join(work, 'context');
  await mkdir(folder);
  await rename(file, join(folder, 'context'));
  return folderContext(folder, 'context');
}

/** What comes on standard input as a context: a tar, or a Dockerfile with nothing beside it. */
export async function openContextFile(
  file: string,
  work: string,
  options: LongOptions,
): Promise<FetchedContext> {
  if (await isTarArchive(createReadStream(file), options)) return archiveContext(file, options);
  const context = join(work, 'context');
  await mkdir(context);
  const dockerfile = async (name: string | undefined): Promise<string> => {
    if (name === undefined) return dockerfileText(createReadStream(file), 'standard input');
    throw new EngineError('INVALID_INPUT', `standard input is no tar, so there is no ${name} in it`);
  };
  return { context, contextKind: 'fetched', dockerfile };
}

function archiveContext(archive: string, options: LongOptions): FetchedContext {
  const dockerfile = async (file = 'Dockerfile'): Promise<string> =>
    (await readArchiveText(archive, file, options)) ?? missing(file);
  return { context: archive, contextKind: 'archive', dockerfile };
}

async function cloneContext(
  source: GitSource,
  work: string,
  options: LongOptions & { readonly keepGitDir: boolean },
): Promise<FetchedContext> {
  const keepGitDir = source.keepGitDir ?? options.keepGitDir;
  const tree = await cloneRepository(source, work, { ...options, keepGitDir });
  let folder = tree;
  for (const name of source.subfolder.split('/').filter((part) => part !== '')) {
    folder = join(folder, name);
    // A link is no folder of the repository's: it may lead anywhere on this machine.
    if ((await lstat(folder).catch(() => undefined))?.isDirectory() !== true) {
      throw new EngineError('NOT_FOUND', `${source.remote} has no folder ${source.subfolder}`);
    }
  }
  return folderContext(folder, 'Dockerfile');
}

function folderContext(folder: string, standard: string): FetchedContext {
  const dockerfile = async (file = standard): Promise<string> => {
    const path = await realpath(join(folder, cleanPath(`/${file}`))).catch(() => missing(file));
    const root = await realpath(folder);
    if (!path.startsWith(`${root}/`)) return missing(file);
    if ((await lstat(path)).isFile()) return dockerfileText(createReadStream(path), file);
    return missing(file);
  };
  return { context: folder, contextKind: 'fetched', dockerfile };
}

function missing(file: string): never {
  throw new EngineError('NOT_FOUND', `there is no ${file} in the build context`, {
    hint: 'Name another with -f, as a path inside the context.',
  });
}
