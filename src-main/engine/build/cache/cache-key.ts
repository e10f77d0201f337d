import type { Digest } from '../../../contract/oci-types.ts';
import { digestOf } from '../../oci/digest.ts';
import type { SelectedEntry } from '../source/select-entries.ts';

/** Raised when what a key means changes: older records are then never found again. */
export const KEY_VERSION = 3;

/** The digest of a list of values, each told from the next. */
export function cacheKey(...parts: readonly unknown[]): Digest {
  return digestOf(JSON.stringify([KEY_VERSION, ...parts], (_, value: unknown) => value ?? null));
}

/** What an entry is, without times and without its content. */
export function describeEntry({ node, relative, asParent }: SelectedEntry): string {
  const { type, mode, uid, gid, sizeBytes, link, devMajor, devMinor } = node;
  const xattrs = Array.from(node.xattrs, ([name, value]) => `${name}=${Buffer.from(value).toString('hex')}`);
  const kind = asParent ? 'parent' : type;
  return [relative, kind, mode, uid, gid, sizeBytes, link, `${devMajor}:${devMinor}`, ...xattrs].join('\0');
}

/** The digest of entries by their metadata, and where given their contents. */
export function entriesKey(
  entries: readonly SelectedEntry[],
  contents?: ReadonlyMap<string, Digest>,
): Digest {
  const groups = new Map<string, number>();
  const lines = entries.map((entry) => {
    const { node } = entry;
    const inode = node.inode === undefined ? '' : groupNumber(groups, node.inode);
    return `${describeEntry(entry)}\0${inode}\0${contents?.get(node.path) ?? ''}`;
  });
  return digestOf(lines.join('\n\0'));
}

/** Which entries are hard links of each other, without the host's inode numbers. */
function groupNumber(groups: Map<string, number>, inode: string): number {
  const number = groups.get(inode) ?? groups.size;
  groups.set(inode, number);
  return number;
}
