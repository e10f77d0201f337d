import { spawn } from 'node:child_process';
import { EngineError } from '../../../contract/errors.ts';
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

/** Runs git and answers its output. It never asks for a password: nobody is there to answer. */
export function runGit(args: readonly string[], options: GitOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const [command, ...rest] = commandFor(args);
    const child = spawn(command, rest, {
      env: environment(options),
      cwd: options.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: options.signal,
    });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.once('error', (cause) => reject(gitMissing(cause)));
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else if (code === 127) reject(gitMissing());
      else reject(gitFailed(errors, code));
    });
  });
}

/** The modes of what git writes do not depend on who builds. */
function commandFor(args: readonly string[]): [string, ...string[]] {
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

function gitMissing(cause?: Error): EngineError {
  if (cause?.name === 'AbortError') return new EngineError('CANCELLED', 'fetching was cancelled', { cause });
  return new EngineError('UNSUPPORTED', 'fetching a git repository needs git, which is not installed', {
    cause,
    hint: 'Install it: apt-get install git',
  });
}
