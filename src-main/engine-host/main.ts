import { join } from 'node:path';
import { pino } from 'pino';
import type { Engine } from '../contract/engine-api.ts';
import { openEngine, defaultRoot } from '../engine/engine.ts';
import type { Port } from '../rpc/port.ts';
import { refusingEngine } from '../rpc/refusing-engine.ts';
import { serve } from '../rpc/serve.ts';
import { toEngineError } from '../rpc/engine-error.ts';
import { openBoundedLogFile } from './bounded-log-file.ts';
import { readInstallation } from './installation.ts';
import { lentKeychain } from './lent-keychain.ts';
import { isUtilityProcess, processPorts } from './process-ports.ts';

// The engine's process: opens the engine at VARVE_ROOT and serves it on every port that its starter hands over.
const END_WITHIN_MS = 4000;
const MAX_LOG_BYTES = 4 * 1024 * 1024;
const installation = readInstallation(join(import.meta.dirname, '..', '..'));
const root = defaultRoot(process.env);
const log = pino(
  { base: { pid: process.pid } },
  openBoundedLogFile(join(root, 'logs', 'engine.log'), MAX_LOG_BYTES),
);

async function open(): Promise<Engine> {
  try {
    return await openEngine({ root, log, keychain, ...installation });
  } catch (error) {
    return refusingEngine(toEngineError(error, 'opening the store', log));
  }
}

/** Ends the process in any case: in order, or after a while, or at once when asked again. */
function end(): void {
  if (isEnding) process.exit(1);
  isEnding = true;
  setTimeout(() => process.exit(1), END_WITHIN_MS);
  const close = async () => (await engine).close();
  close().then(
    () => process.exit(0),
    (error: unknown) => {
      log.error({ err: error }, 'the engine did not close in order');
      process.exit(1);
    },
  );
}

process.on('uncaughtException', (error) => {
  log.fatal({ err: error }, 'the engine’s process ends');
  process.exit(1);
});
let isEnding = false;
const lent = Promise.withResolvers<Port>();
const keychain = isUtilityProcess() ? lentKeychain(lent.promise) : undefined;
const engine = open();
processPorts({
  onPort: (port) => void engine.then((opened) => serve(opened, port, log)),
  onKeychain: lent.resolve,
  onEnd: end,
});
