import type { Digest } from '../../contract/oci-types.ts';
import { createDigester } from '../oci/digest.ts';
import { encodeName } from '../tar/entry-name.ts';
import type { TocEntry } from './toc.ts';

const ENTRIES_AT_ONCE = 1000;

/** See `Toc.contentDigest`. Entries of the same path count in archive order: the last one wins. */
export function tocContentDigest(entries: readonly TocEntry[]): Digest {
  const digester = createDigester();
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  for (let at = 0; at < sorted.length; at += ENTRIES_AT_ONCE) {
    digester.update(
      encodeName(
        sorted
          .slice(at, at + ENTRIES_AT_ONCE)
          .map(entryText)
          .join(''),
      ),
    );
  }
  return digester.digest();
}

/** Fields end with NUL, which no name can contain. */
function entryText(entry: TocEntry): string {
  const { path, type, mode, uid, gid, link, devMajor, devMinor, xattrs, contentDigest } = entry;
  const device = devMajor === 0 && devMinor === 0 ? '' : `${devMajor}:${devMinor}`;
  const text = `${path}\0${type}\0${mode}\0${uid}\0${gid}\0${link}\0${device}\0${contentDigest ?? ''}\0`;
  return xattrs.size === 0 ? `${text}\n` : `${text}${xattrsText(xattrs)}\n`;
}

function xattrsText(xattrs: ReadonlyMap<string, Uint8Array>): string {
  return [...xattrs].map(([name, value]) => `${name}=${Buffer.from(value).toString('hex')}\0`).join('');
}
