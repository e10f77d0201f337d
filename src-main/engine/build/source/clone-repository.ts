import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../../contract/errors.ts';
import type { LongOptions } from '../../store/blob-store.ts';

/** A git repository as ADD names it: `https://host/repo.git#ref:subfolder`. */
export interface GitSource {
  readonly remote: string;
  readonly ref: string | undefined;
  readonly subfolder: string | undefined;
}

/** Undefined when the text is no git repository. */
export function parseGitSource(text: string): GitSource | undefined {
  const isGit =
    /^git@[\w.-]+:/.test(text) ||
    /^(?:git|ssh):\/\//.test(text) ||
    /^https?:\/\/[^#?]+\.git(?:#|$)/.test(text);
  if (!isGit) return undefined;
  const [remote = text, fragment = ''] = text.split('#', 2);
  const [ref = '', subfolder = ''] = fragment.split(':', 2);
  return { remote, ref: ref || undefined, subfolder: subfolder || undefined };
}

/** Clones into a folder that must not exist. `.git` goes unless it is wanted. Answers the commit. */
export async function cloneRepository(
  source: GitSource,
  folder: string,
  options: LongOptions & { readonly keepGitDir: boolean },
): Promise<string> {
  await git(['init', '--quiet', folder], options);
  const inside = (...args: string[]) => git(['-C', folder, ...args], options);
  await inside('remote', 'add', 'origin', '--', source.remote);
  await inside('fetch', '--quiet', '--depth=1', 'origin', '--', source.ref ?? 'HEAD');
  await inside('-c', 'advice.detachedHead=false', 'checkout', '--quiet', 'FETCH_HEAD');
  const commit = (await inside('rev-parse', 'HEAD')).trim();
  if (!options.keepGitDir) await rm(join(folder, '.git'), { recursive: true, force: true });
  return commit;
}

/** Never asks for a password: nobody is there to answer. */
function git(args: readonly string[], options: LongOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const { PATH = '', HOME = '', SSH_AUTH_SOCK = '' } = process.env;
    const env = { PATH, HOME, SSH_AUTH_SOCK, GIT_TERMINAL_PROMPT: '0' };
    const child = spawn('git', args, { env, stdio: ['ignore', 'pipe', 'pipe'], signal: options.signal });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.once('error', (cause) => reject(gitFailure(cause)));
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new EngineError('IO', `git failed: ${errors.trim().split('\n').at(-1) ?? `exit ${code}`}`));
    });
  });
}

function gitFailure(cause: Error): EngineError {
  if ((cause as NodeJS.ErrnoException).code !== 'ENOENT')
    return new EngineError('IO', 'git cannot run', { cause });
  return new EngineError('UNSUPPORTED', 'ADD of a git repository needs git, which is not installed', {
    cause,
    hint: 'Install it: apt-get install git',
  });
}
