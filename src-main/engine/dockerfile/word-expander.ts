import {
  parseShellPattern,
  removePrefix,
  removeSuffix,
  replacePattern,
  reversePattern,
} from './shell-pattern.ts';
import { isSpace } from './white-space.ts';

/** Variables by name, in the order in which they were set. */
export type Environment = ReadonlyMap<string, string>;

/** What expansion needs of an environment. */
export interface Variables {
  get(name: string): string | undefined;
}

export interface ExpandOptions {
  /** The Dockerfile's escape character; a backslash unless given. */
  readonly escape?: string | undefined;
  /** Quotes are matched but stay in the result. */
  readonly keepQuotes?: boolean | undefined;
  /** Escape characters stay in the result. */
  readonly keepEscapes?: boolean | undefined;
  /** Quotes have no meaning: the content of a here-document. */
  readonly ignoreQuotes?: boolean | undefined;
  /** A variable without a value stays as it is written. */
  readonly keepUnset?: boolean | undefined;
}

/** Why a word cannot be expanded; `expandWord` turns it into an EngineError. */
export class ExpansionFailure extends Error {
  override readonly name = 'ExpansionFailure';
  readonly hint: string;

  constructor(message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.hint = hint;
  }
}

const QUOTE_HINT = 'Close it, or write \\\' or \\" for a quote that means itself.';
const BRACE_HINT = 'Close it with }, and put quotes around a word with spaces.';
const PATTERN_HINT = 'Write * and ? for what varies, and \\ before one that means itself.';
const FORM_HINT = 'Write $name, ${name:-default} or ${name:+value}; \\$ is a dollar sign.';

/** Collects words: unquoted white space ends one, an empty one is dropped. */
class WordList {
  readonly words: string[] = [];
  private current = '';

  /** Text in which white space separates. */
  add(text: string): void {
    for (const character of text) {
      if (isSpace(character)) this.end();
      else this.current += character;
    }
  }

  addQuoted(text: string): void {
    this.current += text;
  }

  end(): void {
    if (this.current !== '') this.words.push(this.current);
    this.drop();
  }

  drop(): void {
    this.current = '';
  }
}

const DIGIT = /^\p{Nd}$/u;
const NAME = /^[\p{L}\p{Nd}_]$/u;
const BLANK = /^[\t\r ]$/;
const SPECIAL = '@*#?-$!0';
/** What a substitution shows as its modifier when the word ends before it. */
const END_OF_WORD = '\ufffd';
/** `${a:-${b:-…}}`: nobody writes this many; each level is a few frames of the stack. */
const MAX_DEPTH = 200;

/** One pass over one word. Not to be used twice. */
export class WordExpander {
  readonly used = new Set<string>();
  readonly unset = new Set<string>();
  readonly words: readonly string[];
  readonly text: string;
  private readonly source: readonly string[];
  private readonly environment: Variables;
  private readonly options: ExpandOptions;
  private readonly escape: string;
  private keepEscapes: boolean;
  private at = 0;
  private depth = 0;
  private readonly list = new WordList();

  /** Expands the whole word. Throws an ExpansionFailure. */
  constructor(word: string, environment: Variables, options: ExpandOptions) {
    // BuildKit's reader takes a byte order mark at the start of any text for no character.
    this.source = Array.from(word.startsWith('\ufeff') ? word.slice(1) : word);
    this.environment = environment;
    this.options = options;
    this.escape = options.escape ?? '\\';
    this.keepEscapes = options.keepEscapes ?? false;
    this.text = this.expandUntil(undefined, this.list);
    this.list.end();
    this.words = this.list.words;
  }

  private expandUntil(stop: string | undefined, list?: WordList): string {
    let result = '';
    while (this.at < this.source.length) {
      const character = this.source[this.at] as string;
      if (character === stop) {
        this.at += 1;
        return result;
      }
      result += this.expandAt(character, list);
    }
    if (stop !== undefined)
      throw new ExpansionFailure(`unexpected end while looking for the matching ${stop}`, BRACE_HINT);
    return result;
  }

  private expandAt(character: string, list: WordList | undefined): string {
    if (character === '$') {
      const value = this.substitute();
      list?.add(value);
      return value;
    }
    if (!this.options.ignoreQuotes && (character === "'" || character === '"')) {
      const value = character === "'" ? this.singleQuoted() : this.doubleQuoted();
      list?.addQuoted(value);
      return value;
    }
    this.at += 1;
    if (character === this.escape) return this.escaped(list);
    if (character === '<' && this.source[this.at] === '<') return this.heredocStart(list);
    list?.add(character);
    return character;
  }

  /** `<<` takes the white space after it along: the name of a here-document may stand there. */
  private heredocStart(list: WordList | undefined): string {
    const start = this.at - 1;
    this.at += 1;
    while (BLANK.test(this.source[this.at] ?? '')) this.at += 1;
    const result = this.source.slice(start, this.at).join('');
    list?.addQuoted(result);
    return result;
  }

  /** Just after an escape character: it is dropped (or kept), the next character is taken as it is. */
  private escaped(list: WordList | undefined): string {
    const next = this.source[this.at] ?? '';
    this.at += 1;
    const result = this.keepEscapes ? this.escape + next : next;
    list?.addQuoted(result);
    return result;
  }

  private singleQuoted(): string {
    const end = this.source.indexOf("'", this.at + 1);
    if (end < 0) throw new ExpansionFailure('a single quote is opened and never closed', QUOTE_HINT);
    const inside = this.source.slice(this.at + 1, end).join('');
    this.at = end + 1;
    return this.options.keepQuotes ? `'${inside}'` : inside;
  }

  private doubleQuoted(): string {
    let inside = '';
    this.at += 1;
    for (;;) {
      const character = this.source[this.at];
      if (character === undefined)
        throw new ExpansionFailure('a double quote is opened and never closed', QUOTE_HINT);
      if (character === '$') {
        inside += this.substitute();
        continue;
      }
      this.at += 1;
      if (character === '"') return this.options.keepQuotes ? `"${inside}"` : inside;
      inside += character === this.escape ? this.escapedInQuotes() : character;
    }
  }

  /** Inside double quotes only `"`, `$` and the escape character itself can be escaped. */
  private escapedInQuotes(): string {
    const kept = this.keepEscapes ? this.escape : '';
    const next = this.source[this.at];
    if (next === undefined) return kept;
    if (next !== '"' && next !== '$' && next !== this.escape) return kept + this.escape;
    this.at += 1;
    return kept + next;
  }

  private substitute(): string {
    this.at += 1;
    if (this.source[this.at] === '{') return this.substituteInBraces();
    const name = this.readName();
    if (name === '') return '$';
    return this.lookUp(name) ?? (this.options.keepUnset ? `$${name}` : '');
  }

  private substituteInBraces(): string {
    this.at += 1;
    const first = this.source[this.at];
    if (first === undefined) throw new ExpansionFailure("a '}' is missing", BRACE_HINT);
    if (first === '{' || first === '}' || first === ':') {
      throw new ExpansionFailure('bad substitution: ${ must be followed by a name', FORM_HINT);
    }
    const name = this.readName();
    const modifier = this.take();
    if (modifier === '}') return this.lookUp(name) ?? (this.options.keepUnset ? `\${${name}}` : '');
    if (modifier === '/') return this.replace(name);
    if (modifier === ':') return this.modify(name, this.take(), true);
    if ('+-?#%'.includes(modifier)) return this.modify(name, modifier, false);
    throw unsupported(modifier);
  }

  private modify(name: string, modifier: string, emptyIsUnset: boolean): string {
    const written = emptyIsUnset ? `:${modifier}` : modifier;
    const word = this.operand('}', modifier === '#' || modifier === '%', "a '}' is missing");
    const value = this.lookUp(name);
    if (value === undefined && this.options.keepUnset) return `\${${name}${written}${word}}`;
    const missing = value === undefined || (emptyIsUnset && value === '');
    if (modifier === '-') return missing ? word : value;
    if (modifier === '+') return missing ? '' : word;
    if (modifier === '?') return missing ? refuse(name, word, value === undefined) : value;
    if (emptyIsUnset || (modifier !== '#' && modifier !== '%')) throw unsupported(written);
    return removeMatch(modifier, word, value ?? '');
  }

  private replace(name: string): string {
    const all = this.source[this.at] === '/';
    if (all) this.at += 1;
    const pattern = this.operand('/', true, "a second '/' is missing in ${…/…/…}");
    const replacement = this.operand('}', true, "a '}' is missing");
    const value = this.lookUp(name);
    if (value === undefined && this.options.keepUnset) return `\${${name}/${pattern}/${replacement}}`;
    const parsed = parseShellPattern(pattern);
    if (parsed === undefined) throw new ExpansionFailure(`invalid pattern ${pattern}`, PATTERN_HINT);
    return replacePattern(parsed, value ?? '', all ? expandTemplate(replacement) : replacement, all);
  }

  /** The word inside `${…}` up to `stop`, expanded. In a list of words, BuildKit forgets what stands right before it. */
  private operand(stop: string, keepEscapes: boolean, unclosed: string): string {
    const outer = this.keepEscapes;
    this.list.drop();
    this.keepEscapes = keepEscapes;
    this.depth += 1;
    if (this.depth > MAX_DEPTH)
      throw new ExpansionFailure(
        'substitutions are nested too deeply',
        'Put the inner ones into variables of their own.',
      );
    try {
      return this.expandUntil(stop);
    } catch (error) {
      if (this.at >= this.source.length) throw new ExpansionFailure(unclosed, BRACE_HINT, error);
      throw error;
    } finally {
      this.depth -= 1;
      this.keepEscapes = outer;
    }
  }

  private take(): string {
    const character = this.source[this.at] ?? END_OF_WORD;
    this.at += 1;
    return character;
  }

  private readName(): string {
    const first = this.source[this.at] ?? '';
    const pattern = DIGIT.test(first) ? DIGIT : NAME;
    if (pattern === NAME && SPECIAL.includes(first) && first !== '') {
      this.at += 1;
      return first;
    }
    const start = this.at;
    while (pattern.test(this.source[this.at] ?? '')) this.at += 1;
    return this.source.slice(start, this.at).join('');
  }

  private lookUp(name: string): string | undefined {
    const value = this.environment.get(name);
    (value === undefined ? this.unset : this.used).add(name);
    return value;
  }
}

function unsupported(modifier: string): ExpansionFailure {
  const shown = modifier.replace(END_OF_WORD, '');
  if (shown === '') return new ExpansionFailure("a '}' is missing", BRACE_HINT);
  return new ExpansionFailure(`unsupported modifier (${shown}) in substitution`, FORM_HINT);
}

function refuse(name: string, message: string, unset: boolean): never {
  const reason = message === '' ? `is not allowed to be ${unset ? 'unset' : 'empty'}` : message;
  throw new ExpansionFailure(
    `${name}: ${reason}`,
    `Give ${name} a value: with ARG or ENV above, or --build-arg ${name}=….`,
  );
}

function removeMatch(modifier: '#' | '%', word: string, value: string): string {
  const longest = word.startsWith(modifier);
  const written = longest ? word.slice(1) : word;
  const pattern = parseShellPattern(modifier === '#' ? written : reversePattern(written));
  if (pattern === undefined) throw new ExpansionFailure(`invalid pattern ${word}`, PATTERN_HINT);
  return modifier === '#' ? removePrefix(pattern, value, longest) : removeSuffix(pattern, value, longest);
}

/** In `${v//p/r}`, BuildKit reads `$$` in the replacement as `$` and `$x` as a group, which is always empty. */
function expandTemplate(replacement: string): string {
  return replacement.replace(/\$(\$|\{[\p{L}\p{Nd}_]+\}|[\p{L}\p{Nd}_]+)/gu, (_, name: string) =>
    name === '$' ? '$' : '',
  );
}
