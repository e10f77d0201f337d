import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listStatuses, type StatusListing } from './list-statuses.ts';

/** A build context that is being looked at before its build has begun; whoever wanted that disposes of it. */
export interface LookAhead extends StatusListing {
  readonly folder: string;
  /** What is known of it, as it is kept: for `parseKnownFolder`. */
  readonly known: string;
}

/**
 * Begins to list a folder that a build before this one has found large; undefined for any other. Needs no code that
 * takes time to load: no schema, and no database.
 */
export function lookAhead(root: string, folder: string): LookAhead | undefined {
  const known = readText(knownFolderFile(root, folder));
  if (known === undefined) return undefined;
  return { ...listStatuses(folder, splitLeftOut(known).leftOut), folder, known };
}

/** Of a character up to four bytes, and of a file's name no more than 255. */
const NAME_CHARACTERS = 60;

/** Where what is known of a folder is kept. Two folders may have to share a place: each is told by its whole path. */
export function knownFolderFile(root: string, folder: string): string {
  return join(root, 'folders', folder.replaceAll('/', '+').slice(-NAME_CHARACTERS));
}

/** Undoes how what is known of a folder is put together. */
export function splitLeftOut(known: string): { readonly leftOut: readonly string[]; readonly rest: string } {
  const parts = known.split('\0');
  return { leftOut: parts.slice(0, -1), rest: parts.at(-1) ?? '' };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not there, or not to be read: then nothing is known.
    return undefined;
  }
}
