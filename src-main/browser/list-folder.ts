import { readdir, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { z } from 'zod';
import { EngineError } from '../contract/errors.ts';
import type { hostApi } from '../contract/host-api.ts';

type Params = z.input<typeof hostApi.listFolder.params>;
type Listing = z.output<typeof hostApi.listFolder.result>;
type Entry = Listing['entries'][number];

/** One folder for the page's chooser; entries that cannot be looked at are left out. */
export async function listFolder({ path = homedir(), files = false }: Params): Promise<Listing> {
  const folder = await realpath(resolve(path));
  if (!(await stat(folder)).isDirectory())
    throw new EngineError('INVALID_INPUT', `${folder} is not a folder`);
  const names = (await readdir(folder))
    .filter((name) => !name.startsWith('.'))
    .sort((a, b) => a.localeCompare(b));
  const entries = await Promise.all(names.map((name) => describe(folder, name)));
  const parent = dirname(folder);
  return {
    path: folder,
    ...(parent !== folder && { parent }),
    entries: entries.filter((entry) => entry !== undefined && (files || entry.kind === 'folder')) as Entry[],
  };
}

async function describe(folder: string, name: string): Promise<Entry | undefined> {
  const path = join(folder, name);
  // Broken links and what may not be looked at: not to be chosen.
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) return { name, path, kind: 'folder' };
  return found?.isFile() === true ? { name, path, kind: 'file' } : undefined;
}
