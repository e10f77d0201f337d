import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { EngineOptions } from '../engine/engine.ts';

type Log = NonNullable<EngineOptions['log']>;

const require = createRequire(import.meta.url);

/**
 * The log of this command, appended to `<root>/logs/cli.log`. The logger is loaded at the first line that is written,
 * since most commands write none. `$VARVE_LOG` sets the level (debug, info, warn, error; warn when not given). A log
 * that cannot be written is no reason to fail.
 */
export function createCommandLog(root: string, level = 'warn'): Log {
  let log: Log | undefined;
  const write = (severity: keyof Log) => (fields: object, message: string) => {
    if (LEVELS.indexOf(severity) < LEVELS.indexOf(level)) return;
    log ??= openLog(root, level);
    log?.[severity](fields, message);
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

const LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error'];
const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

function openLog(root: string, level: string): Log {
  try {
    const { pino, destination } = require('pino') as typeof import('pino');
    mkdirSync(join(root, 'logs'), { recursive: true });
    const file = destination({ dest: join(root, 'logs', 'cli.log'), append: true, sync: true });
    file.on('error', () => file.destroy());
    return pino({ level, base: { pid: process.pid } }, file);
  } catch {
    return SILENT;
  }
}
