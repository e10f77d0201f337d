import type { Base } from '../../contract/builds-api.ts';
import { cleanText } from '../format/clean-text.ts';
import { shortDigest } from '../format/short-digest.ts';

/** Which image a name stands for, or between which it moved since the build before. */
export function formatBase({ name, digest, before }: Base): string {
  if (before === undefined) return `${cleanText(name)} is ${digest}`;
  return `${cleanText(name)} moved sha256:${shortDigest(before)} -> sha256:${shortDigest(digest)}`;
}
