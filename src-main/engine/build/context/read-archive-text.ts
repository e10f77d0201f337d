import { createReadStream } from 'node:fs';
import { cleanPath } from '../../dockerfile/clean-path.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import { readTar } from '../../tar/read-tar.ts';
import type { TarEntry } from '../../tar/tar-entry.ts';
import { unpackStream } from '../source/read-archive.ts';
import { resolveLinks } from '../source/resolve-links.ts';
import { dockerfileText } from './dockerfile-text.ts';

/** The Dockerfile of that name in a tar, links followed inside it; undefined when there is none. */
export async function readArchiveText(
  archive: string,
  path: string,
  options: LongOptions,
): Promise<string | undefined> {
  const entries = new Map<string, TarEntry>();
  for await (const { entry } of readPlain(archive, options)) entries.set(`/${entry.path}`, entry);
  const resolved = resolveLinks(cleanPath(`/${path}`), (at) => entries.get(at), true);
  const found = entries.get(resolved);
  const wanted = found?.type === 'hardlink' ? found.link : resolved.slice(1);
  let text: string | undefined;
  for await (const { entry, content } of readPlain(archive, options)) {
    if (entry.path === wanted && entry.type === 'file') text = await dockerfileText(content, path);
  }
  return text;
}

function readPlain(archive: string, options: LongOptions): ReturnType<typeof readTar> {
  return readTar(unpackStream(createReadStream(archive), options), { ...options, what: 'build context' });
}
