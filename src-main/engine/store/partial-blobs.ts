import { join } from 'node:path';
import type { Digest } from '../../contract/oci-types.ts';
import { isDigest } from '../oci/digest.ts';
import type { Layout } from './layout.ts';

/** A blob of which some bytes have been received is in `ingest/` under a name made of its digest. */
const PREFIX = 'partial.';

/** Only a parsed digest may come here (S7). */
export function partialPath(layout: Layout, digest: Digest): string {
  return join(layout.ingest, `${PREFIX}${digest.replace(':', '.')}`);
}

/** The claim of who receives a blob. */
export function receivingKey(digest: Digest): string {
  return `receive ${digest}`;
}

/** The digest of a partly received blob by its file's name; undefined for any other file. */
export function digestOfPartial(name: string): Digest | undefined {
  if (!name.startsWith(PREFIX)) return undefined;
  const digest = name.slice(PREFIX.length).replace('.', ':');
  return isDigest(digest) ? digest : undefined;
}
