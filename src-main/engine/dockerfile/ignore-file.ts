import { cleanPath } from './clean-path.ts';
import { compileIgnorePattern } from './ignore-pattern.ts';
import type { IgnorePattern } from './ignore-pattern.ts';
import { trimSpace } from './white-space.ts';

/** What a walk hands on from a folder to its entries. */
export interface IgnoreState {
  /** For each pattern, whether it matched the folder or one above it. */
  readonly matched: readonly boolean[];
}

/** The answer for one path of a walk. */
export interface IgnoreAnswer {
  readonly ignored: boolean;
  /** True for an ignored folder below which nothing can be taken back by `!`: the walk need not enter it. */
  readonly prunable: boolean;
  readonly state: IgnoreState;
}

/** The patterns of an ignore file, or of `--exclude`. Paths are relative, with `/` between their names. */
export interface IgnoreMatcher {
  readonly patterns: readonly IgnorePattern[];
  /** True when some pattern starts with `!`. */
  readonly hasNegation: boolean;
  /** Whether the path, or a folder that it is in, is ignored. */
  ignores(path: string): boolean;
  /**
   * The same for a walk from the top down, in less time: `parent` is the state of the folder that `path` is in,
   * undefined at the top. A path of a walk is decided as BuildKit decides it when it sends a context.
   */
  visit(path: string, parent: IgnoreState | undefined): IgnoreAnswer;
}

/** One line of an ignore file; undefined for an empty one and for a comment. */
function parseLine(line: string): string | undefined {
  if (line.startsWith('#')) return undefined;
  const trimmed = trimSpace(line);
  if (trimmed === '') return undefined;
  const negated = trimmed.startsWith('!');
  const path = negated ? trimSpace(trimmed.slice(1)) : trimmed;
  if (path === '') return '!';
  const clean = cleanPath(path);
  const relative = clean.length > 1 && clean.startsWith('/') ? clean.slice(1) : clean;
  return negated ? `!${relative}` : relative;
}

/** The patterns of a `.dockerignore`: trimmed, cleaned, without comments; relative to the context's root. */
export function parseIgnoreFile(text: string): string[] {
  return text
    .replace(/^\ufeff/, '')
    .split('\n')
    .map((line) => parseLine(line.replace(/\r$/, '')))
    .filter((pattern) => pattern !== undefined);
}

/** The path itself and the folders it is in, longest last. */
function selfAndParents(path: string): readonly string[] {
  const names = path.split('/');
  return names.map((_, i) => names.slice(0, i + 1).join('/'));
}

function ignoresPath(patterns: readonly IgnorePattern[], path: string): boolean {
  const clean = cleanPath(path);
  if (clean === '.') return false;
  const candidates = selfAndParents(clean);
  let ignored = false;
  for (const pattern of patterns) {
    if (pattern.negated === ignored && candidates.some(pattern.matches)) ignored = !pattern.negated;
  }
  return ignored;
}

function visitPath(
  patterns: readonly IgnorePattern[],
  path: string,
  parent: IgnoreState | undefined,
): IgnoreAnswer {
  let ignored = false;
  const matched = patterns.map((pattern, i) => {
    const matches = parent?.matched[i] === true || (pattern.negated === ignored && pattern.matches(path));
    if (matches) ignored = !pattern.negated;
    return matches;
  });
  const prunable = ignored && !patterns.some((pattern) => pattern.negated && pattern.canMatchBelow(path));
  return { ignored, prunable, state: { matched } };
}

/**
 * Compiles patterns with the meaning that moby's matcher gives them: the last one that matches decides, a
 * folder that matches takes all below it along. Throws INVALID_INPUT for a malformed pattern.
 */
export function compileIgnore(patterns: readonly string[]): IgnoreMatcher {
  const compiled = patterns
    .map(trimSpace)
    .filter((pattern) => pattern !== '')
    .map((pattern) => compileIgnorePattern(cleanPath(pattern)));
  return {
    patterns: compiled,
    hasNegation: compiled.some((pattern) => pattern.negated),
    ignores: (path) => ignoresPath(compiled, path),
    visit: (path, parent) => visitPath(compiled, path, parent),
  };
}
