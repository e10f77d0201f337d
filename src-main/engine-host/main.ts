import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { z } from 'zod';
import type { Engine } from '../contract/engine-api.ts';
import { defaultRoot, openEngine } from '../engine/engine.ts';
import { refusingEngine } from '../rpc/refusing-engine.ts';
import { serve } from '../rpc/serve.ts';
import { toEngineError } from '../rpc/engine-error.ts';
import { openBoundedLogFile } from './bounded-log-file.ts';
import { processPorts } from './process-ports.ts';

// The engine's process: opens the engine at VARVE_ROOT and serves it on every port that its starter hands over.
const MAX_LOG_BYTES = 4 * 1024 * 1024;
const home = join(import.meta.dirname, '..', '..');
// A package keeps the samples beside its asar, from which folders cannot be copied.
const samplesFolder = home.endsWith('.asar')
  ? join(home, '..', 'samples')
  : join(home, 'resources', 'samples');
const root = defaultRoot({ env: process.env, home: homedir(), platform: process.platform });
const log = pino(
  { base: { pid: process.pid } },
  openBoundedLogFile(join(root, 'logs', 'engine.log'), MAX_LOG_BYTES),
);

const packageSchema = z.object({ version: z.string() });
const { version } = packageSchema.parse(JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')));

async function open(): Promise<Engine> {
  try {
    return await openEngine({ root, log, version, samplesFolder });
  } catch (error) {
    return refusingEngine(toEngineError(error, 'opening the store', log));
  }
}

async function end(): Promise<void> {
  await (await engine).close();
  process.exit(0);
}

process.on('uncaughtException', (error) => {
  log.fatal({ err: error }, 'the engine’s process ends');
  process.exit(1);
});
const engine = open();
processPorts(
  (port) => void engine.then((opened) => serve(opened, port, log)),
  () => void end(),
);
