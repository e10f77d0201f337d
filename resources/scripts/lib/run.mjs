import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { home } from './paths.mjs';

/** One line about what set-up does. */
export function say(text) {
  process.stdout.write(`\u001b[1mvarve\u001b[0m  ${text}\n`);
}

/** Ends with a message and status 1. */
export function fail(text) {
  process.stderr.write(`varve: ${text}\n`);
  process.exit(1);
}

/** Runs a command with this terminal; answers its exit status (128 + signal; 124 when it took too long). */
export function run(command, args, { env = process.env, timeoutMs, stdio = 'inherit' } = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: home, env, stdio });
    let late = false;
    const timer =
      timeoutMs &&
      setTimeout(() => {
        late = true;
        child.kill('SIGKILL');
      }, timeoutMs);
    const forward = (signal) => child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM'];
    for (const signal of signals) process.on(signal, forward);
    const end = (status) => {
      clearTimeout(timer);
      for (const signal of signals) process.off(signal, forward);
      done(status);
    };
    child.on('error', (error) => {
      process.stderr.write(`varve: ${command}: ${error.message}\n`);
      end(127);
    });
    child.on('close', (code, signal) => end(late ? 124 : (code ?? 128 + (constants.signals[signal] ?? 0))));
  });
}

/** What a command prints, or undefined when it fails or is not there. */
export function output(command, args) {
  const { status, stdout } = spawnSync(command, args, { cwd: home, encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}

/** True when a program of this name is on the path. */
export function hasProgram(name) {
  return output('sh', ['-c', 'command -v "$1"', 'sh', name]) !== undefined;
}

export const isRoot = process.getuid?.() === 0;
