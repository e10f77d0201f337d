import type { ChildProcess } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { cancelled, EngineError } from '../../../contract/errors.ts';
import { killGroup } from '../../sandbox/kill-tree.ts';
import { isAborted } from '../../sandbox/is-aborted.ts';
import { spawnBound } from '../../sandbox/spawn-bound.ts';
import type { LongOptions } from '../../store/blob-store.ts';

export interface GitOptions extends LongOptions {
  readonly cwd?: string | undefined;
  /** Sent with every request over http: `basic …`. It is in no command line. */
  readonly authorization?: string | undefined;
  /** The agent's socket for ssh, in place of this session's. */
  readonly sshAgent?: string | undefined;
}

/** What of this machine's environment git may see: where programs and credentials are, and the proxies. */
const KEPT =
  /^(?:PATH|HOME|SSH_AUTH_SOCK|SYSTEMROOT|TMPDIR|TEMP|(?:HTTPS?|ALL|NO)_PROXY|GIT_SSL_\w+|SSL_CERT_\w+)$/i;

/**
 * Runs git and answers its output. It never asks for a password: nobody is there to answer. Cancelled, it ends with all
 * that it started; and so it does when this process is killed.
 */
export async function runGit(args: readonly string[], options: GitOptions = {}): Promise<string> {
  const { signal, cwd } = options;
  if (signal?.aborted === true) throw cancelled('fetching');
  const child = spawnBound(commandFor(args), { env: environment(options), cwd, stdin: 'ignore' });
  const stop = (): void => killGroup(child);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), endOf(child)]);
    if (code === 0) return output;
    if (isAborted(signal)) throw cancelled('fetching');
    throw code === NOT_FOUND ? gitMissing() : gitFailed(errors, code);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', () => reject(gitMissing())).once('close', resolve);
  });
}

/** A shell's exit status when there is no such program. */
const NOT_FOUND = 127;

/** The modes of what git writes do not depend on who builds. */
function commandFor(args: readonly string[]): readonly string[] {
  if (process.platform === 'win32') return ['git', ...args];
  return ['sh', '-c', 'umask 022 && exec git "$@"', 'sh', ...args];
}

function environment({ authorization, sshAgent }: GitOptions): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => KEPT.test(name)) as [string, string][];
  return {
    ...Object.fromEntries(kept),
    ...(sshAgent === undefined ? {} : { SSH_AUTH_SOCK: sshAgent }),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
    ...(authorization === undefined ? {} : configFromEnvironment(`Authorization: ${authorization}`)),
  };
}

function configFromEnvironment(header: string): Record<string, string> {
  return { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'http.extraHeader', GIT_CONFIG_VALUE_0: header };
}

function gitFailed(errors: string, code: number | null): EngineError {
  const last = errors.trim().split('\n').at(-1) || `exit ${code}`;
  return new EngineError('IO', `git failed: ${last}`, {
    hint: 'Check the address, the ref and the network.',
  });
}

function gitMissing(): EngineError {
  return new EngineError('UNSUPPORTED', 'fetching a git repository needs git, which is not installed', {
    hint: 'Install it: apt-get install git',
  });
}
