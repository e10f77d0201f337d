import { readFile } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { EngineError, isEngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { cleanPath } from '../../dockerfile/clean-path.ts';
import { compileIgnore, parseIgnoreFile, type IgnoreMatcher } from '../../dockerfile/ignore-file.ts';
import { digestOf } from '../../oci/digest.ts';
import type { IgnoredBy } from '../source/source-tree.ts';

/** The ignore file of a build context. */
export interface IgnoreSource {
  /** Undefined when it leaves nothing out. */
  readonly matcher: IgnoreMatcher | undefined;
  /** Equal for files that leave out the same. */
  readonly digest: Digest;
  /** The line that decides that a path is left out. */
  lineFor(path: string): IgnoredBy | undefined;
}

const NOTHING: IgnoreSource = { matcher: undefined, digest: digestOf(''), lineFor: () => undefined };

/** Reads an ignore file; without one, nothing is left out. INVALID_INPUT, with its place, for a line that is no pattern. */
export async function readIgnoreSource(path: string | undefined, folder: string): Promise<IgnoreSource> {
  if (path === undefined) return NOTHING;
  const file = nameSeenFrom(folder, path);
  const text = await readFile(path, 'utf8');
  const patterns = parseIgnoreFile(text);
  if (patterns.length === 0) return NOTHING;
  const matcher = compileAt(patterns, text, file);
  return { matcher, digest: digestOf(text), lineFor: (entry) => findLine(text, file, entry) };
}

function nameSeenFrom(folder: string, path: string): string {
  const inside = relative(folder, path);
  return inside.startsWith(`..${sep}`) ? path : inside;
}

function compileAt(patterns: readonly string[], text: string, file: string): IgnoreMatcher {
  try {
    return compileIgnore(patterns);
  } catch (error) {
    throw isEngineError(error) ? placeError(error, text, file) : error;
  }
}

/** The error at the first line that is wrong by itself. */
function placeError(error: EngineError, text: string, file: string): EngineError {
  const lines = text.split(/\r?\n/);
  const at = lines.findIndex((line) => !isPattern(line));
  const excerpt = lines[at];
  if (excerpt === undefined) return error;
  const { code, message, hint } = error;
  const line = at + 1;
  const location = { file, line, column: 1, endLine: line, endColumn: excerpt.length + 1 };
  return new EngineError(code, message, { hint, location, excerpt, cause: error });
}

function isPattern(line: string): boolean {
  try {
    compileIgnore(parseIgnoreFile(line));
    return true;
  } catch {
    return false;
  }
}

/** The last line that changes what is decided about the path. */
function findLine(text: string, file: string, entry: string): IgnoredBy | undefined {
  const names = cleanPath(entry).split('/');
  const paths = names.map((_, i) => names.slice(0, i + 1).join('/'));
  let found: IgnoredBy | undefined;
  for (const [i, line] of text.split('\n').entries()) {
    const [pattern] = compileIgnore(parseIgnoreFile(line)).patterns;
    if (pattern === undefined || !paths.some(pattern.matches)) continue;
    found = pattern.negated ? undefined : { pattern: line.trim(), place: `${file}:${i + 1}` };
  }
  return found;
}
