import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../parse-json.ts';

const MOST = 20;

const recentSchema = z.array(z.object({ path: z.string(), openedAt: z.string() }));
type Recent = z.output<typeof recentSchema>;

/** The build contexts that were opened before, kept in `recent-contexts.json` beside the store; losing it is no harm. */
export interface RecentContexts {
  /** Newest first; folders that are gone are left out. */
  list(): Promise<{ path: string; name: string; openedAt: string }[]>;
  /** Puts a folder first. Idempotent but for the time. */
  remember(path: string): Promise<void>;
}

export function openRecentContexts(root: string): RecentContexts {
  const file = join(root, 'recent-contexts.json');
  let turn = Promise.resolve();
  return {
    list: async () => {
      const recent = await read(file);
      const there = await Promise.all(recent.map((entry) => isFolder(entry.path)));
      return recent.filter((_, at) => there[at]).map((entry) => ({ ...entry, name: basename(entry.path) }));
    },
    remember: (path) => {
      turn = turn.then(() => remember(file, path));
      return turn;
    },
  };
}

async function remember(file: string, path: string): Promise<void> {
  const others = (await read(file)).filter((entry) => entry.path !== path);
  const recent: Recent = [{ path, openedAt: new Date().toISOString() }, ...others].slice(0, MOST);
  const aside = `${file}.${process.pid}`;
  await writeFile(aside, `${JSON.stringify(recent, null, 1)}\n`);
  await rename(aside, file);
}

async function read(file: string): Promise<Recent> {
  const text = await readFile(file, 'utf8').catch(() => '[]');
  const parsed = recentSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : [];
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
