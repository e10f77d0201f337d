import { encodeTarEntry, TAR_END, tarPadding } from '../../../src-main/engine/tar/encode-tar-entry.ts';
import { readTar, type ReadTarOptions } from '../../../src-main/engine/tar/read-tar.ts';
import { createTarEntry, type TarEntry } from '../../../src-main/engine/tar/tar-entry.ts';
import { headerChecksum } from '../../../src-main/engine/tar/tar-format.ts';

/** An archive of these entries as our writer makes it; a file's content is `text`. */
export function archive(
  ...entries: readonly (Partial<TarEntry> & Pick<TarEntry, 'path' | 'type'> & { text?: string })[]
): Buffer {
  const parts = entries.flatMap(({ text = '', ...given }) => {
    const content = Buffer.from(text);
    const entry = createTarEntry({ ...given, sizeBytes: given.type === 'file' ? content.length : 0 });
    return [encodeTarEntry(entry), content, tarPadding(content.length)];
  });
  return Buffer.concat([...parts, TAR_END]);
}

/** Bytes in chunks of this length. */

export async function* inChunks(
  bytes: Uint8Array,
  length = 65_536,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

export async function bytesOf(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Everything that the reader finds. */
export async function readAll(
  bytes: Uint8Array,
  options: ReadTarOptions & { readonly chunk?: number } = {},
): Promise<{ entry: TarEntry; text: string; contentOffset: number }[]> {
  const found = [];
  for await (const { entry, content, contentOffset } of readTar(inChunks(bytes, options.chunk), options)) {
    found.push({ entry, text: (await bytesOf(content)).toString(), contentOffset });
  }
  return found;
}

/** A ustar header with fields overwritten as raw text, its checksum made right again. */
export function rawHeader(fields: {
  readonly name?: string | Uint8Array;
  readonly type?: string;
  readonly size?: string | Uint8Array;
  readonly link?: string;
  readonly uid?: string | Uint8Array;
}): Buffer {
  const header = Buffer.from(encodeTarEntry(createTarEntry({ path: 'x', type: 'file' })));
  const put = (at: number, length: number, value: string | Uint8Array | undefined): void => {
    if (value === undefined) return;
    header.fill(0, at, at + length);
    header.set(Buffer.from(value as string, 'latin1').subarray(0, length), at);
  };
  put(0, 100, fields.name);
  put(108, 8, fields.uid);
  put(124, 12, fields.size);
  put(156, 1, fields.type);
  put(157, 100, fields.link);
  header.write(`${headerChecksum(header).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** A header of this type with its content: PAX records, a GNU long name. */
export function rawExtension(type: string, content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content as string, 'latin1');
  const size = bytes.length.toString(8).padStart(11, '0');
  return Buffer.concat([rawHeader({ type, size, name: 'ext' }), bytes, tarPadding(bytes.length)]);
}

/** A PAX record with its length. */
export function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

export const END = Buffer.from(TAR_END);
