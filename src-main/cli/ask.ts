import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { cancelled } from '../contract/errors.ts';
import type { Cli } from './cli.ts';

/** Asks a person at the terminal for a line. What is typed to a hidden question is not shown. */
export async function ask(cli: Cli, question: string, { hidden = false } = {}): Promise<string> {
  const nowhere = new Writable({ write: (_piece, _encoding, done) => done() });
  const dialog = createInterface({
    input: cli.stdin,
    output: hidden ? nowhere : process.stderr,
    terminal: true,
    historySize: 0,
    prompt: question,
  });
  try {
    return await new Promise((resolve, reject) => {
      dialog.once('line', resolve);
      // The terminal is raw meanwhile: Ctrl+C arrives as a key.
      dialog.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      dialog.once('close', () => reject(cancelled('The question')));
      cli.signal.addEventListener('abort', () => dialog.close(), { once: true });
      if (hidden) cli.stderr.text(question);
      dialog.prompt();
    });
  } finally {
    dialog.close();
    if (hidden) cli.stderr.line('');
  }
}
