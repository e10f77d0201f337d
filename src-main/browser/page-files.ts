import { readdir } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { PAGE_CONTENT_TYPES } from '../contract/page-policy.ts';

export interface PageFile {
  readonly path: string;
  readonly contentType: string;
}

/**
 * Every file of the built page by its URL path. Requests are looked up here and never turned into paths, so none
 * can leave the folder.
 */
export async function listPageFiles(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const files = new Map<string, PageFile>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const contentType = PAGE_CONTENT_TYPES[extname(entry.name)];
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || contentType === undefined) continue;
    files.set(`/${relative(folder, path).split(sep).join('/')}`, { path, contentType });
  }
  const index = files.get('/index.html');
  return index === undefined ? files : files.set('/', index);
}
