import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Pino from 'pino';
import { redactSecrets, type EngineOptions } from '../engine/engine.ts';

export type CommandLog = NonNullable<EngineOptions['log']>;

const requireModule = createRequire(import.meta.url);

/**
 * The log of this command, appended to `<root>/logs/cli.log`. The logger is loaded at the first line that is written,
 * since most commands write none. `$VARVE_LOG` sets the level (debug, info, warn, error; warn when not given). A log
 * that cannot be written is no reason to fail. Credentials are taken out of each line (S13).
 */
export function createCommandLog(root: string, level = 'warn'): CommandLog {
  let log: CommandLog | undefined;
  const write = (severity: keyof CommandLog) => (fields: object, message: string) => {
    if (LEVELS.indexOf(severity) < LEVELS.indexOf(level)) return;
    log ??= openLog(root, level);
    log?.[severity](fields, message);
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

const LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error'];
const SILENT: CommandLog = { debug() {}, info() {}, warn() {}, error() {} };

function openLog(root: string, level: string): CommandLog {
  try {
    const { pino, destination } = requireModule('pino') as typeof Pino;
    mkdirSync(join(root, 'logs'), { recursive: true });
    const file = destination({ dest: join(root, 'logs', 'cli.log'), append: true, sync: true });
    file.on('error', () => file.destroy());
    return pino({ level, base: { pid: process.pid } }, { write: (line) => file.write(redactSecrets(line)) });
  } catch {
    return SILENT;
  }
}
