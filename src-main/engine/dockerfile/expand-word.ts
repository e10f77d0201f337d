import { EngineError } from '../../contract/errors.ts';
import { ExpansionFailure, WordExpander } from './word-expander.ts';
import type { ExpandOptions, Variables } from './word-expander.ts';

export type { Environment, ExpandOptions, Variables } from './word-expander.ts';

/** A word after expansion, as one text and as the words that unquoted white space makes of it. */
export interface Expansion {
  readonly text: string;
  readonly words: readonly string[];
  /** Names that had a value. */
  readonly used: ReadonlySet<string>;
  /** Names that had none, whether or not a default was written. */
  readonly unset: ReadonlySet<string>;
}

const MAX_SHOWN = 120;

function shorten(word: string): string {
  return word.length <= MAX_SHOWN ? word : `${word.slice(0, MAX_SHOWN)}…`;
}

/**
 * Expands variables and removes quotes and escapes, as BuildKit does for every instruction but RUN, CMD,
 * ENTRYPOINT and HEALTHCHECK. The time it takes grows with the length of the word and of the values.
 * Throws an EngineError DOCKERFILE without a location: the caller knows which instruction the word is from.
 */
export function expand(word: string, environment: Variables, options: ExpandOptions = {}): Expansion {
  try {
    const { text, words, used, unset } = new WordExpander(word, environment, options);
    return { text, words, used, unset };
  } catch (error) {
    if (!(error instanceof ExpansionFailure)) throw error;
    throw new EngineError('DOCKERFILE', `cannot expand ${JSON.stringify(shorten(word))}: ${error.message}`, {
      cause: error,
      hint: error.hint,
    });
  }
}

/** One word from one word: white space in a value stays. */
export function expandWord(word: string, environment: Variables, options: ExpandOptions = {}): string {
  return expand(word, environment, options).text;
}

/** A list of words from one: unquoted white space separates, also where it comes from a variable. */
export function expandWords(
  word: string,
  environment: Variables,
  options: ExpandOptions = {},
): readonly string[] {
  return expand(word, environment, options).words;
}

/**
 * The content of a here-document of COPY or ADD whose name is not quoted: quotes mean themselves, a backslash
 * (whatever the Dockerfile's escape character) takes the meaning of the next character away and is dropped.
 */
export function expandHeredoc(content: string, environment: Variables): Expansion {
  return expand(content, environment, { ignoreQuotes: true });
}
