import { EngineError } from '../../contract/errors.ts';
import { compileGlob } from './glob.ts';

/** One step of a pattern, tried at a position of the path. */
type Step =
  /** `*`: any run without `/`. */
  | { readonly type: 'run' }
  /** `**` at the end: everything. */
  | { readonly type: 'rest' }
  /** `**` before something: nothing, or anything up to and with a `/`. */
  | { readonly type: 'folders' }
  /** `^`, which moby's matcher leaves to the regular expression: the start of the path. */
  | { readonly type: 'start' }
  /** `|`, left as well: what is before it or what is after it. */
  | { readonly type: 'or' }
  | { readonly type: 'character'; readonly takes: (character: string) => boolean };

/** One pattern of an ignore file. */
export interface IgnorePattern {
  /** Written with `!`: what it matches is not ignored after all. */
  readonly negated: boolean;
  /** Cleaned, without `!`. */
  readonly text: string;
  /** True when it matches the whole path. */
  readonly matches: (path: string) => boolean;
  /** True unless nothing below the folder can match; `**` can match below any. */
  readonly canMatchBelow: (folder: string) => boolean;
}

function badPattern(text: string): EngineError {
  return new EngineError('INVALID_INPUT', `syntax error in ignore pattern ${text}`, {
    hint: 'Close every [, and write \\ only before another character.',
  });
}

const CONTROLS: ReadonlyMap<string, string> = new Map(
  Object.entries({ a: '\u0007', f: '\f', t: '\t', n: '\n', r: '\r', v: '\v' }),
);
const CLASSES: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({ d: /\d/, D: /\D/, s: /[\t\n\f\r ]/, S: /[^\t\n\f\r ]/, w: /\w/, W: /\W/ }),
);

/** A character after `\`: punctuation means itself; a letter means what it means in a regular expression. */
function escapedStep(character: string, text: string): Step {
  const control = CONTROLS.get(character);
  if (control !== undefined) return { type: 'character', takes: (other) => other === control };
  const kind = CLASSES.get(character);
  if (kind !== undefined) return { type: 'character', takes: (other) => kind.test(other) };
  if (/[\p{L}\p{N}]/u.test(character)) throw badPattern(text);
  return { type: 'character', takes: (other) => other === character };
}

interface ClassScan {
  readonly step: Step;
  readonly end: number;
}

/** `[a-z]`; unlike in a glob it also takes `/`. The pattern is known to be well-formed. */
function classStep(characters: readonly string[], start: number, text: string): ClassScan {
  let at = start + 1;
  const negated = characters[at] === '^';
  if (negated) at += 1;
  const read = (): number => {
    if (characters[at] === '\\') at += 1;
    at += 1;
    return characters[at - 1]?.codePointAt(0) ?? 0;
  };
  const ranges: (readonly [number, number])[] = [];
  while (at < characters.length && characters[at] !== ']') {
    const low = read();
    const isRange = characters[at] === '-';
    if (isRange) at += 1;
    const high = isRange ? read() : low;
    if (high < low) throw badPattern(text);
    ranges.push([low, high]);
  }
  const listed = (code: number): boolean => ranges.some(([low, high]) => low <= code && code <= high);
  const takes = (character: string): boolean => listed(character.codePointAt(0) ?? 0) !== negated;
  return { step: { type: 'character', takes }, end: at + 1 };
}

const NO_SLASH: Step = { type: 'character', takes: (character) => character !== '/' };

function parseSteps(text: string): readonly Step[] {
  const characters = Array.from(text);
  const steps: Step[] = [];
  let at = 0;
  while (at < characters.length) {
    const character = characters[at] as string;
    const isDouble = character === '*' && characters[at + 1] === '*';
    if (character === '[') {
      const { step, end } = classStep(characters, at, text);
      steps.push(step);
      at = end;
    } else if (isDouble) {
      at += characters[at + 2] === '/' ? 3 : 2;
      steps.push({ type: at < characters.length ? 'folders' : 'rest' });
    } else if (character === '\\') {
      steps.push(escapedStep(characters[at + 1] ?? '', text));
      at += 2;
    } else {
      steps.push(simpleStep(character));
      at += 1;
    }
  }
  return steps;
}

function simpleStep(character: string): Step {
  if (character === '*') return { type: 'run' };
  if (character === '?') return NO_SLASH;
  if (character === '^') return { type: 'start' };
  if (character === '|') return { type: 'or' };
  return { type: 'character', takes: (other) => other === character };
}

/** Every position from `start` on to which the path can be taken without crossing a `/`. */
function runEnds(path: readonly string[], starts: readonly number[]): number[] {
  const ends: number[] = [];
  for (const start of starts) {
    if (start <= (ends.at(-1) ?? -1)) continue;
    let at = start;
    ends.push(at);
    while (at < path.length && path[at] !== '/') ends.push((at += 1));
  }
  return ends;
}

function folderEnds(path: readonly string[], starts: readonly number[]): number[] {
  const first = starts[0] ?? path.length;
  const known = new Set(starts);
  const ends: number[] = [];
  for (let at = first; at <= path.length; at += 1) {
    if (known.has(at) || (at > first && path[at - 1] === '/')) ends.push(at);
  }
  return ends;
}

function restEnds(path: readonly string[], starts: readonly number[]): number[] {
  const first = starts[0] ?? path.length;
  return Array.from({ length: path.length - first + 1 }, (_, i) => first + i);
}

function advance(step: Step, path: readonly string[], starts: readonly number[]): readonly number[] {
  if (step.type === 'run') return runEnds(path, starts);
  if (step.type === 'rest') return restEnds(path, starts);
  if (step.type === 'folders') return folderEnds(path, starts);
  if (step.type === 'start') return starts.filter((at) => at === 0);
  if (step.type === 'or') return [];
  return starts.filter((at) => at < path.length && step.takes(path[at] as string)).map((at) => at + 1);
}

/** Takes the path's characters through the steps, keeping every position reached: no pattern is slow. */
function endsOf(
  steps: readonly Step[],
  path: readonly string[],
  starts: readonly number[],
): readonly number[] {
  let positions = starts;
  for (const step of steps) {
    positions = advance(step, path, positions);
    if (positions.length === 0) break;
  }
  return positions;
}

/** The steps before, between and after each `|`. */
function alternatives(steps: readonly Step[]): readonly (readonly Step[])[] {
  const cuts = steps.flatMap((step, at) => (step.type === 'or' ? [at] : []));
  return [-1, ...cuts].map((cut, i) => steps.slice(cut + 1, cuts[i]));
}

/** The start of the path binds what is before the first `|` only, its end what is after the last. */
function matchSteps(steps: readonly Step[], path: readonly string[]): boolean {
  const everywhere = Array.from({ length: path.length + 1 }, (_, at) => at);
  return alternatives(steps).some((some, i, all) => {
    const ends = endsOf(some, path, i === 0 ? [0] : everywhere);
    return i === all.length - 1 ? ends.at(-1) === path.length : ends.length > 0;
  });
}

/** True when some path that starts with `prefix` and goes on can match: the prefix is used up before the steps. */
function canContinue(steps: readonly Step[], prefix: readonly string[]): boolean {
  if (steps.some((step) => step.type === 'or')) return true;
  let positions: readonly number[] = [0];
  for (const step of steps) {
    if (step.type === 'rest' || step.type === 'folders' || positions.includes(prefix.length)) return true;
    positions = advance(step, prefix, positions);
    if (positions.length === 0) return false;
  }
  return false;
}

const SPECIAL = /[*?[\]\\]/;

/** The quick ways of moby's matcher, which also decide what a `**` at either end takes. */
function chooseMatch(text: string, steps: readonly Step[]): (path: string) => boolean {
  const inner = text.slice(2);
  if (!SPECIAL.test(text)) return (path) => path === text;
  if (text.startsWith('**') && !SPECIAL.test(inner)) {
    return (path) => path.endsWith(inner) || (inner.startsWith('/') && path === inner.slice(1));
  }
  if (text.endsWith('**') && !SPECIAL.test(text.slice(0, -2))) {
    return (path) => path.startsWith(text.slice(0, -2));
  }
  return (path) => matchSteps(steps, Array.from(path));
}

/** Compiles one cleaned pattern. Throws INVALID_INPUT when its syntax is wrong. */
export function compileIgnorePattern(pattern: string): IgnorePattern {
  const negated = pattern.startsWith('!');
  const text = negated ? pattern.slice(1) : pattern;
  if (text === '') {
    throw new EngineError('INVALID_INPUT', 'the ignore pattern "!" names nothing', {
      hint: 'Write a path after the exclamation mark.',
    });
  }
  compileGlob(text);
  const steps = parseSteps(text);
  return {
    negated,
    text,
    matches: chooseMatch(text, steps),
    canMatchBelow: (folder) => canContinue(steps, Array.from(`${folder}/`)),
  };
}
