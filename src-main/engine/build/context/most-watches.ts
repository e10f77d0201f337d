import { readFile } from 'node:fs/promises';

const LEAST = 4096;
const MOST = 32_768;
/** Of what Linux lets a user watch; the rest is for other programs. */
const SHARE = 1 / 8;

/** How many folders of a build context may be watched. */
export async function mostWatches(): Promise<number> {
  const text = await readFile('/proc/sys/fs/inotify/max_user_watches', 'utf8').catch(() => '0');
  return Math.min(MOST, Math.max(LEAST, Math.floor(Number(text) * SHARE)));
}
