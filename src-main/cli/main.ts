import { keepCompiledCode } from './compiled-code.ts';

/** The files of a build are looked at from the first moment on; any other command would only wait for that code. */
async function start(words: readonly string[]): Promise<void> {
  const { lookAheadOf } = words[0] === 'build' ? await import('../engine/look-ahead.ts') : {};
  const lookAhead = lookAheadOf?.(words, { env: process.env, cwd: process.cwd() });
  const { runCommandLine } = await import('./command-line.ts');
  await runCommandLine(words, lookAhead);
}

// Before any other code of ours is loaded: what is loaded first is not kept.
keepCompiledCode();
void start(process.argv.slice(2));
