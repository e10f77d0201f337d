import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError, isEngineError } from '../../../contract/errors.ts';
import { findRemoteRef, type RemoteRef } from './find-remote-ref.ts';
import type { GitSource } from './git-source.ts';
import { runGit, type GitOptions } from './run-git.ts';

/**
 * Checks a repository out into `work/tree`, where `work` is an empty folder of the caller's; answers that path. The
 * commit is the one that the ref, or without one the checksum, names. `.git` is there only when it is asked for.
 * NOT_FOUND for a ref that the repository lacks, CORRUPT when the commit is not what the checksum says.
 */
export async function cloneRepository(
  source: GitSource,
  work: string,
  options: GitOptions & { readonly keepGitDir: boolean },
): Promise<string> {
  const bare = join(work, 'fetched.git');
  const tree = join(work, 'tree');
  await runGit(['init', '--quiet', '--bare', bare], options);
  const git = (...args: string[]) => runGit([`--git-dir=${bare}`, ...args], options);
  await git('remote', 'add', '--', 'origin', source.remote);
  const wanted = await findRemoteRef(source, git);
  await fetchRef(git, wanted);
  await checkCommit(source, wanted, git);
  await mkdir(tree);
  const keeps = options.keepGitDir && source.subfolder === '';
  if (keeps) await cloneWithHistory(source, bare, tree, wanted, options);
  else await git(`--work-tree=${tree}`, 'checkout', '--quiet', wanted.name ?? wanted.commit, '--', '.');
  if (source.submodules) await updateSubmodules(keeps ? join(tree, '.git') : bare, tree, options);
  if (!keeps) await removeGitFiles(tree);
  return tree;
}

type Git = (...args: string[]) => Promise<string>;

/** One commit where the server can give that, else everything: old servers know nothing shallow. */
async function fetchRef(git: Git, { name, commit }: RemoteRef): Promise<void> {
  const spec = name === undefined ? commit : `+${name}:${name}`;
  await orElse(
    () => git('fetch', '--quiet', '--no-tags', '--depth=1', 'origin', spec),
    () => git('fetch', '--quiet', '--tags', 'origin', '+refs/heads/*:refs/heads/*'),
  );
}

async function orElse(shallow: () => Promise<string>, whole: () => Promise<string>): Promise<void> {
  try {
    await shallow();
  } catch (error) {
    if (!isEngineError(error, 'IO')) throw error;
    await whole();
  }
}

async function checkCommit(source: GitSource, wanted: RemoteRef, git: Git): Promise<void> {
  const { checksum } = source;
  if (checksum === undefined) return;
  const object = wanted.name ?? wanted.commit;
  const commit = (await git('rev-parse', `${object}^{commit}`)).trim();
  const found = [commit, (await git('rev-parse', object)).trim()];
  if (found.some((each) => each.startsWith(checksum.toLowerCase()))) return;
  throw new EngineError('CORRUPT', `${source.remote} is at commit ${commit}`, {
    hint: `The checksum says ${checksum}.`,
  });
}

/** A repository of its own whose origin is the remote: no trace of where it was fetched to. */
async function cloneWithHistory(
  source: GitSource,
  bare: string,
  tree: string,
  { name, commit }: RemoteRef,
  options: GitOptions,
): Promise<void> {
  const git = (...args: string[]) => runGit(args, { ...options, cwd: tree });
  await git('-c', 'init.defaultBranch=master', 'init', '--quiet');
  const local = name ?? 'refs/varve/commit';
  if (name === undefined) await runGit([`--git-dir=${bare}`, 'update-ref', local, commit], options);
  const spec = name === undefined ? local : `${name}:${name}`;
  await git('-c', 'protocol.file.allow=always', 'fetch', '-q', '-u', '--depth=1', `file://${bare}`, spec);
  await git('-c', 'advice.detachedHead=false', 'checkout', '--quiet', 'FETCH_HEAD');
  await git('remote', 'add', 'origin', withoutCredentials(source.remote));
  await git('reflog', 'expire', '--all', '--expire=now');
  await rm(join(tree, '.git', 'FETCH_HEAD'), { force: true });
}

function withoutCredentials(remote: string): string {
  return remote.replace(/^(https?:\/\/)[^/@]*@/, '$1');
}

async function updateSubmodules(gitDir: string, tree: string, options: GitOptions): Promise<void> {
  const place = [`--git-dir=${gitDir}`, `--work-tree=${tree}`];
  const update = [...place, 'submodule', '--quiet', 'update', '--init', '--recursive'];
  await orElse(
    () => runGit([...update, '--depth=1'], { ...options, cwd: tree }),
    () => runGit(update, { ...options, cwd: tree }),
  );
}

/** A submodule's `.git` names a place on this machine that is gone after the build. */
async function removeGitFiles(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name === '.git') await rm(path, { recursive: true, force: true });
    else if (entry.isDirectory()) await removeGitFiles(path);
  }
}
