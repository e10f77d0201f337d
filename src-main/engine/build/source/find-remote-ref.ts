import { EngineError } from '../../../contract/errors.ts';
import type { GitSource } from './git-source.ts';

/** What is fetched: a ref by its full name, or a commit by its number. */
export interface RemoteRef {
  readonly name: string | undefined;
  readonly commit: string;
}

/** Finds what a source means in its repository: a branch comes before a tag of the same name. NOT_FOUND. */
export async function findRemoteRef(
  source: GitSource,
  git: (...args: string[]) => Promise<string>,
): Promise<RemoteRef> {
  const ref = source.ref ?? (isCommit(source.checksum) ? source.checksum : await defaultBranch(source, git));
  if (isCommit(ref)) return { name: undefined, commit: ref };
  const known = parseRefs(await git('ls-remote', '--', 'origin', ref));
  const name = candidates(ref).find((candidate) => known.has(candidate));
  if (name !== undefined) return { name, commit: known.get(name) ?? '' };
  throw new EngineError('NOT_FOUND', `${source.remote} has no ref ${ref}`, {
    hint: 'Name a branch, a tag or a whole commit number.',
  });
}

export function isCommit(text: string | undefined): text is string {
  return text !== undefined && /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(text);
}

function candidates(ref: string): readonly string[] {
  const below = (prefix: string) => `${prefix}${ref.startsWith(prefix) ? ref.slice(prefix.length) : ref}`;
  return [below('refs/'), below('refs/heads/'), below('refs/tags/')];
}

/** Commits by ref, from lines of `commit TAB ref`. */
function parseRefs(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').filter((line) => line.includes('\t'));
  return new Map(
    lines.map((line) => [line.slice(line.indexOf('\t') + 1), line.slice(0, line.indexOf('\t'))]),
  );
}

async function defaultBranch(
  source: GitSource,
  git: (...args: string[]) => Promise<string>,
): Promise<string> {
  const found = /^ref: (refs\/heads\/\S+)\tHEAD$/m.exec(await git('ls-remote', '--symref', 'origin', 'HEAD'));
  if (found?.[1] !== undefined) return found[1];
  throw new EngineError('NOT_FOUND', `${source.remote} says no default branch`, { hint: 'Name a ref.' });
}
