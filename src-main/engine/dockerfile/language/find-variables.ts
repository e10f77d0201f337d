import type { TextRange } from './text-range.ts';

/** `$NAME` or `${NAME…}` in a text. */
export interface VariableReference {
  readonly name: string;
  /** The name alone. */
  readonly at: TextRange;
  /** From the `$` to the end of the name, or to the closing brace. */
  readonly whole: TextRange;
}

/** Who reads the text: it decides what takes the meaning of `$` away. */
export interface VariableRules {
  /** A Dockerfile's own, or the backslash. */
  readonly escape: string;
  /** Single quotes keep `$` as it is; not in a here-document. */
  readonly quotes: boolean;
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;

function nameAt(text: string, at: number): string | undefined {
  NAME.lastIndex = at;
  return NAME.exec(text)?.[0];
}

/**
 * The variables that a text names, those inside `${a:-${b}}` too, in the order of their names. Only names that a
 * person chooses: `$1`, `$?` and `$$` are the shell's.
 */
export function findVariables(
  text: string,
  { start, end }: TextRange,
  rules: VariableRules,
): readonly VariableReference[] {
  const found: VariableReference[] = [];
  /** Places in `found` of braces that are still open. */
  const open: number[] = [];
  let quote = '';
  for (let at = start; at < end; at += 1) {
    const character = text.charAt(at);
    if (quote === "'") {
      if (character === "'") quote = '';
    } else if (character === rules.escape) at += 1;
    else if (rules.quotes && (character === '"' || character === "'")) quote = nextQuote(quote, character);
    else if (character === '}') closeBrace(found, open.pop(), at);
    else if (character === '$') at = readReference(text, at, end, found, open);
  }
  return found;
}

/** Inside double quotes a single one means itself. */
function nextQuote(quote: string, character: string): string {
  if (quote === '') return character;
  return quote === character ? '' : quote;
}

function closeBrace(found: VariableReference[], index: number | undefined, at: number): void {
  const reference = index === undefined ? undefined : found[index];
  if (index === undefined || reference === undefined) return;
  found[index] = { ...reference, whole: { start: reference.whole.start, end: at + 1 } };
}

/** Notes the reference at a `$`; answers the last character that was read. */
function readReference(
  text: string,
  dollar: number,
  end: number,
  found: VariableReference[],
  open: number[],
): number {
  const braced = text[dollar + 1] === '{';
  const nameStart = dollar + (braced ? 2 : 1);
  const name = nameAt(text, nameStart);
  if (name === undefined || nameStart + name.length > end) {
    if (braced) open.push(-1);
    return braced || text[dollar + 1] === '$' ? dollar + 1 : dollar;
  }
  if (braced) open.push(found.length);
  const at = { start: nameStart, end: nameStart + name.length };
  found.push({ name, at, whole: { start: dollar, end: at.end } });
  return at.end - 1;
}
