import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { z } from 'zod';
import type { Digest } from '../../../contract/oci-types.ts';
import type { TocEntry } from '../../filetree/toc.ts';
import { parseJson } from '../../parse-json.ts';
import type { Store } from '../../store/store.ts';
import { createTarEntry } from '../../tar/tar-entry.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

const KIND = 'remote-layer';
const MAX_RECORD_BYTES = 1024 * 1024 * 1024;

const recordSchema = z.object({
  format: z.literal(1),
  fetchedBytes: z.number(),
  entries: z.array(
    z.tuple([
      z.string(),
      z.enum(['file', 'directory', 'symlink', 'hardlink', 'char', 'block', 'fifo']),
      z.number(),
      z.number(),
      z.number(),
      z.number(),
      z.number(),
      z.string(),
    ]),
  ),
});

/** What was seen of a layer of which only parts were read. */
export interface SeenLayer {
  readonly entries: readonly TocEntry[];
  readonly fetchedBytes: number;
}

/** Keeps what a list of files shows. */
export async function putRemoteLayer(store: Store, digest: Digest, seen: SeenLayer): Promise<void> {
  const entries = seen.entries.map(({ path, type, mode, uid, gid, sizeBytes, mtime, link }) => [
    ...[path, type, mode, uid, gid, sizeBytes, mtime, link],
  ]);
  const text = JSON.stringify({ format: 1, fetchedBytes: seen.fetchedBytes, entries });
  store.records.put(KIND, digest, await compress(text));
}

/** Undefined when there is none, also when it is damaged: it can be made again (R5). */
export async function getRemoteLayer(store: Store, digest: Digest): Promise<SeenLayer | undefined> {
  const bytes = store.records.get(KIND, digest);
  const text =
    bytes === undefined
      ? undefined
      : await decompress(bytes, { maxOutputLength: MAX_RECORD_BYTES }).catch(() => undefined);
  const parsed = recordSchema.safeParse(parseJson(text?.toString() ?? ''));
  if (!parsed.success) return undefined;
  const entries = parsed.data.entries.map(([path, type, mode, uid, gid, sizeBytes, mtime, link]) => ({
    ...createTarEntry({ path, type, mode, uid, gid, sizeBytes, mtime, link }),
    contentOffset: 0,
    contentDigest: undefined,
  }));
  return { entries, fetchedBytes: parsed.data.fetchedBytes };
}
