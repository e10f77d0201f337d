import type { TagEvent } from '../../contract/images-api.ts';
import { shortDigest } from './short-digest.ts';

/** What a tag's move did, in a sentence for a person. */
export function describeTagEvent({ name, from, to }: TagEvent): string {
  if (to === undefined)
    return `${name} is removed${from === undefined ? '' : `; it was ${shortDigest(from)}`}`;
  return `${name} now is ${shortDigest(to)}${from === undefined ? '' : `; it was ${shortDigest(from)}`}`;
}
