import { createReadStream } from 'node:fs';
import { cleanPath } from '../../dockerfile/clean-path.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import { readTar } from '../../tar/read-tar.ts';
import type { TarEntry } from '../../tar/tar-entry.ts';
import { unpackStream } from '../source/read-archive.ts';
import { resolveLinks } from '../source/resolve-links.ts';

/** The text of a file of a tar, links followed inside it; undefined when there is none of that name. */
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
    if (entry.path === wanted && entry.type === 'file') text = await textOf(content);
  }
  return text;
}

function readPlain(archive: string, options: LongOptions): ReturnType<typeof readTar> {
  return readTar(unpackStream(createReadStream(archive), options), { ...options, what: 'build context' });
}

async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
