import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

// Scripts here run under the system's Node 20 before anything is installed: Node's own modules only.

/** The checkout. */
export const home = resolve(import.meta.dirname ?? '.', '..', '..', '..');

/** What set-up fetches once and keeps. */
export const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'varve-tests');

export const inHome = (...parts) => join(home, ...parts);
