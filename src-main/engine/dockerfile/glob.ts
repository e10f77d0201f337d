import { EngineError } from '../../contract/errors.ts';

/** One character of a class, or a range of them, by code point. */
interface CharacterRange {
  readonly low: number;
  readonly high: number;
}

/** One piece of a pattern: `*`, or something that takes exactly one character. */
type Part =
  | { readonly type: 'many' }
  | { readonly type: 'one' }
  | { readonly type: 'literal'; readonly text: string }
  | { readonly type: 'class'; readonly negated: boolean; readonly ranges: readonly CharacterRange[] };

/** A compiled pattern; `match` says whether it takes the whole of a path. */
export interface Glob {
  readonly source: string;
  /** False for a pattern that matches nothing but one path. */
  readonly hasWildcard: boolean;
  readonly match: (path: string) => boolean;
}

function badPattern(source: string): EngineError {
  return new EngineError('INVALID_INPUT', `syntax error in pattern ${source}`, {
    hint: 'Close every [, and write \\ only before another character.',
  });
}

class GlobReader {
  private readonly source: string;
  private readonly characters: readonly string[];
  private at = 0;

  constructor(source: string) {
    this.source = source;
    this.characters = Array.from(source);
  }

  read(): readonly Part[] {
    const parts: Part[] = [];
    while (this.at < this.characters.length) parts.push(this.readPart());
    return parts;
  }

  private readPart(): Part {
    const character = this.take();
    if (character === '*') return { type: 'many' };
    if (character === '?') return { type: 'one' };
    if (character === '[') return this.readClass();
    return { type: 'literal', text: character === '\\' ? this.take() : character };
  }

  private readClass(): Part {
    const negated = this.characters[this.at] === '^';
    if (negated) this.at += 1;
    const ranges: CharacterRange[] = [];
    while (ranges.length === 0 || this.characters[this.at] !== ']') ranges.push(this.readRange());
    this.at += 1;
    return { type: 'class', negated, ranges };
  }

  private readRange(): CharacterRange {
    const low = this.takeFromClass();
    if (this.characters[this.at] !== '-') return { low, high: low };
    this.at += 1;
    return { low, high: this.takeFromClass() };
  }

  private takeFromClass(): number {
    const character = this.take();
    if (character === '-' || character === ']') throw badPattern(this.source);
    const meant = character === '\\' ? this.take() : character;
    if (this.at >= this.characters.length) throw badPattern(this.source);
    return meant.codePointAt(0) ?? 0;
  }

  private take(): string {
    const character = this.characters[this.at];
    if (character === undefined) throw badPattern(this.source);
    this.at += 1;
    return character;
  }
}

function takes(part: Exclude<Part, { type: 'many' }>, character: string): boolean {
  if (part.type === 'literal') return character === part.text;
  if (part.type === 'one') return character !== '/';
  const code = character.codePointAt(0) ?? 0;
  const listed = part.ranges.some((range) => range.low <= code && code <= range.high);
  return character !== '/' && listed !== part.negated;
}

/** Goes back to the last `*` only: time at most the product of the two lengths. */
function matchParts(parts: readonly Part[], path: readonly string[]): boolean {
  let part = 0;
  let at = 0;
  let star = -1;
  let starAt = 0;
  while (at < path.length || part < parts.length) {
    const current = parts[part];
    const character = path[at];
    if (current?.type === 'many') {
      star = part;
      starAt = at;
      part += 1;
    } else if (current !== undefined && character !== undefined && takes(current, character)) {
      part += 1;
      at += 1;
    } else {
      if (star < 0 || starAt >= path.length || path[starAt] === '/') return false;
      starAt += 1;
      at = starAt;
      part = star + 1;
    }
  }
  return true;
}

/**
 * Compiles a pattern of Go's `path.Match`: `*` any run without `/`, `?` any character but `/`, `[a-z]` and
 * `[^a-z]` classes, `\` before a character that means itself. Throws INVALID_INPUT for a malformed pattern.
 */
export function compileGlob(source: string): Glob {
  const parts = new GlobReader(source).read();
  return {
    source,
    hasWildcard: /[*?[\\]/.test(source),
    match: (path) => matchParts(parts, Array.from(path)),
  };
}
