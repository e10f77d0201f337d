import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { digestSchema } from '../../../contract/oci-types.ts';
import { parseJson } from '../../parse-json.ts';
import { knownFolderFile, splitLeftOut } from './look-ahead.ts';

const VERSION = 1;
/** Each is a few hundred bytes; the longest unused go. */
const MOST_KEPT = 256;

const factsSchema = z.strictObject({
  version: z.literal(VERSION),
  folder: z.string(),
  /** Of the ignore file. */
  ignore: digestSchema,
  /** How many entries a build sees. */
  entries: z.number(),
  /** What GNU find said (`ListedStatuses.fingerprint`), and the walk's revision in that state. */
  fingerprint: digestSchema,
  revision: digestSchema,
});

/** What the last build of a large folder saw of it; disposable (R5). */
export type KnownFolder = Readonly<Omit<z.output<typeof factsSchema>, 'version'>> & {
  /** What its ignore file leaves out whole. */
  readonly leftOut: readonly string[];
};

/**
 * Undefined for a text of another form, and of another folder. The paths come before the facts, each with a zero after
 * it, so that they are known before there is a schema.
 */
export function parseKnownFolder(text: string, folder: string): KnownFolder | undefined {
  const { leftOut, rest } = splitLeftOut(text);
  const facts = factsSchema.safeParse(parseJson(rest)).data;
  return facts?.folder === folder ? { ...facts, leftOut } : undefined;
}

/** Replaces what was known of the folder. A file that is written in part, or by two at once, is none: it does not parse. */
export async function keepKnownFolder(root: string, { leftOut, ...facts }: KnownFolder): Promise<void> {
  const file = knownFolderFile(root, facts.folder);
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, [...leftOut, JSON.stringify({ version: VERSION, ...facts })].join('\0'));
    await dropOldest(dirname(file));
  } catch {
    // A full disk: then the folder is looked at entry by entry again.
  }
}

async function dropOldest(place: string): Promise<void> {
  const names = await readdir(place);
  if (names.length <= MOST_KEPT) return;
  const dated = names.map(async (name) => ({
    name,
    mtimeMs: (await stat(join(place, name)).catch(() => undefined))?.mtimeMs ?? 0,
  }));
  const byAge = (await Promise.all(dated)).toSorted((a, b) => a.mtimeMs - b.mtimeMs);
  for (const { name } of byAge.slice(0, names.length - MOST_KEPT))
    await rm(join(place, name), { force: true });
}
