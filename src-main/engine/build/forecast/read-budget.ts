import type { ReadHostFile } from '../context/read-host-file.ts';
import { Unforeseen } from './unforeseen.ts';

/** A forecast answers while someone types: it reads no more than this in all, and not for longer. */
const MOST_BYTES = 32 * 1024 * 1024;
const LONGEST_MS = 150;

/** Reads files as long as there are few of them: the others are known when a build has read them. */
export function createReadBudget(read: ReadHostFile): ReadHostFile {
  let bytes = 0;
  let readingMs = 0;
  return (node, options) => {
    bytes += node.sizeBytes;
    if (bytes > MOST_BYTES || readingMs > LONGEST_MS)
      throw new Unforeseen('too many of its files changed to read them now');
    const began = performance.now();
    const content = read(node, options);
    readingMs += performance.now() - began;
    return content;
  };
}
