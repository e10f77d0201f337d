import { readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheLimitsSchema, type CacheLimits } from '../../../contract/cache-api.ts';

const GIB = 1024 ** 3;
const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_AGE_MS = 30 * DAY_MS;
const DEFAULT_SHARE = 0.1;
const LEAST_BYTES = 2 * GIB;
const MOST_BYTES = 100 * GIB;

export type HeldLimits = CacheLimits & { readonly isDefault: boolean };

/** The limits of the build cache, in `cache-limits.json` beside the store; without the file the defaults hold. */
export async function readCacheLimits(root: string): Promise<HeldLimits> {
  const set = parse(await readFile(join(root, FILE), 'utf8').catch(() => ''));
  return set === undefined
    ? { ...(await defaultLimits(root)), isDefault: true }
    : { ...set, isDefault: false };
}

export async function writeCacheLimits(root: string, limits: CacheLimits | undefined): Promise<void> {
  const file = join(root, FILE);
  if (limits === undefined) return rm(file, { force: true });
  const aside = `${file}.${process.pid}`;
  await writeFile(aside, `${JSON.stringify(limits)}\n`);
  await rename(aside, file);
}

const FILE = 'cache-limits.json';

/** A file that someone broke is as none. */
function parse(text: string): CacheLimits | undefined {
  try {
    return cacheLimitsSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** A tenth of the disk that the store is on, within reason. */
async function defaultLimits(root: string): Promise<CacheLimits> {
  const { blocks, bsize } = await statfs(root);
  const maxBytes = Math.round(Math.min(MOST_BYTES, Math.max(LEAST_BYTES, blocks * bsize * DEFAULT_SHARE)));
  return { maxBytes, maxAgeMs: DEFAULT_AGE_MS };
}
