import { join } from 'node:path';
import { startEngineChild } from './engine-child.ts';
import type { EngineChild } from './engine-child.ts';
import { serveBrowser } from './serve-browser.ts';

// The same page for a browser, on machines without Electron or without a display. `VARVE_PORT` fixes the port.
const RESTART_AFTER_MS = 1000;
const here = import.meta.dirname;
let ending = false;
let child = start();

function start(): EngineChild {
  const started = startEngineChild(join(here, 'engine.cjs'));
  started.onExit(() => {
    if (!ending) setTimeout(() => (child = start()), RESTART_AFTER_MS);
  });
  return started;
}

function complain(fields: object, message: string): void {
  process.stderr.write(`varve: ${message} ${JSON.stringify(fields)}\n`);
}

async function main(): Promise<void> {
  const server = await serveBrowser({
    engine: () => child.engine,
    pageFolder: join(here, '..', 'renderer'),
    port: Number(process.env.VARVE_PORT ?? 0),
    log: { warn: complain, error: complain },
  });
  const end = async (): Promise<void> => {
    if (ending) return;
    ending = true;
    await server.close();
    await child.close();
  };
  process.once('SIGINT', () => void end());
  process.once('SIGTERM', () => void end());
  process.stdout.write(`Varve is at ${server.url}\n`);
}

void main();
