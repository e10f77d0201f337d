/**
 * The patterns of `${v#p}`, `${v%p}` and `${v/p/r}`: `*` is any run of characters, `?` any one, `\` takes the
 * special meaning of `*`, `?` and `\` away. Neither matches a line feed. Matching keeps sets of positions
 * instead of trying again, so that no pattern is slow.
 */

type Token =
  { readonly type: 'many' } | { readonly type: 'one' } | { readonly type: 'literal'; readonly text: string };

export interface ShellPattern {
  readonly tokens: readonly Token[];
}

/** Undefined when a backslash stands before a character that needs none. */
export function parseShellPattern(pattern: string): ShellPattern | undefined {
  const tokens: Token[] = [];
  const characters = Array.from(pattern);
  for (let i = 0; i < characters.length; i += 1) {
    const character = characters[i] as string;
    const next = characters[i + 1];
    if (character === '*') tokens.push({ type: 'many' });
    else if (character === '?') tokens.push({ type: 'one' });
    else if (character !== '\\') tokens.push({ type: 'literal', text: character });
    else if (next === '*' || next === '?' || next === '\\') {
      tokens.push({ type: 'literal', text: next });
      i += 1;
    } else if (next !== '}' && next !== '/') return undefined;
  }
  return { tokens };
}

/** Where the token can end when it starts at any of `starts` (ascending); ascending as well. */
function advance(token: Token, value: readonly string[], starts: readonly number[]): number[] {
  if (token.type === 'literal') return starts.filter((at) => value[at] === token.text).map((at) => at + 1);
  const isAny = (at: number): boolean => at < value.length && value[at] !== '\n';
  if (token.type === 'one') return starts.filter(isAny).map((at) => at + 1);
  const ends: number[] = [];
  for (const start of starts) {
    if (start <= (ends.at(-1) ?? -1)) continue;
    let at = start;
    ends.push(at);
    while (isAny(at)) ends.push((at += 1));
  }
  return ends;
}

function endsFrom(pattern: ShellPattern, value: readonly string[], start: number): readonly number[] {
  let positions: readonly number[] = [start];
  for (const token of pattern.tokens) {
    positions = advance(token, value, positions);
    if (positions.length === 0) break;
  }
  return positions;
}

function removeStart(pattern: ShellPattern, value: readonly string[], longest: boolean): readonly string[] {
  const end = endsFrom(pattern, value, 0).at(longest ? -1 : 0);
  return end === undefined ? value : value.slice(end);
}

/** `value` without the shortest or longest start that matches. */
export function removePrefix(pattern: ShellPattern, value: string, longest: boolean): string {
  return removeStart(pattern, Array.from(value), longest).join('');
}

/** The pattern written backwards, each backslash still before what it escapes. */
export function reversePattern(pattern: string): string {
  return Array.from(pattern.matchAll(/\\[^]|[^]/gu), ([part]) => part)
    .toReversed()
    .join('');
}

/** `value` without the shortest or longest end that matches; the pattern is the reversed one, as BuildKit has it. */
export function removeSuffix(reversed: ShellPattern, value: string, longest: boolean): string {
  return removeStart(reversed, Array.from(value).reverse(), longest).toReversed().join('');
}

/** For each position of `value`, whether the pattern matches something that starts there. */
function possibleStarts(pattern: ShellPattern, value: readonly string[]): readonly boolean[] {
  let possible = Array.from({ length: value.length + 1 }, () => true);
  for (const token of pattern.tokens.toReversed()) {
    const before = Array.from({ length: value.length + 1 }, () => false);
    for (let at = value.length; at >= 0; at -= 1) {
      const isAny = at < value.length && value[at] !== '\n';
      if (token.type === 'many') before[at] = possible[at] === true || (isAny && before[at + 1] === true);
      else if (token.type === 'one') before[at] = isAny && possible[at + 1] === true;
      else before[at] = value[at] === token.text && possible[at + 1] === true;
    }
    possible = before;
  }
  return possible;
}

/** `value` with the first match, or every match, of the pattern replaced; each match is the longest from its start. */
export function replacePattern(
  pattern: ShellPattern,
  value: string,
  replacement: string,
  all: boolean,
): string {
  const characters = Array.from(value);
  const possible = possibleStarts(pattern, characters);
  let result = '';
  let lastEnd = -1;
  let at = 0;
  while (at <= characters.length) {
    const end = possible[at] === true ? endsFrom(pattern, characters, at).at(-1) : undefined;
    if (end !== undefined && !(end === at && at === lastEnd)) {
      result += replacement;
      if (!all) return result + characters.slice(end).join('');
      lastEnd = end;
      if (end > at) {
        at = end;
        continue;
      }
    }
    result += characters[at] ?? '';
    at += 1;
  }
  return result;
}
