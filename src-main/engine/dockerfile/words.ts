import type { Word } from './instruction.ts';
import { locateSpan, spanText } from './statement.ts';
import type { Span } from './statement.ts';
import { isSpace, skipSpace } from './white-space.ts';

/** The words of `span`, separated by white space; quotes do not group. */
export function splitWords(span: Span): readonly Word[] {
  return Array.from(spanText(span).matchAll(/[^\t\v\f\r ]+/g), (match) => ({
    text: match[0],
    location: locateSpan(span, match.index, match.index + match[0].length),
  }));
}

/** The whole span as one word. */
export function wholeWord(span: Span): Word {
  return { text: spanText(span), location: locateSpan(span) };
}

/** The end of a word of which quotes are part, and its text: an escape character at the very end is dropped. */
function scanQuotedWord(text: string, start: number, escape: string): { word: string; end: number } {
  let quote = '';
  let at = start;
  let end = -1;
  for (; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote === '' && isSpace(character)) break;
    if (character === quote) quote = '';
    else if (quote === '' && (character === "'" || character === '"')) quote = character;
    else if (character === escape && quote !== "'") {
      if (at + 1 === text.length) end = at;
      at += 1;
    }
  }
  const stop = Math.min(at, text.length);
  return { word: text.slice(start, end < 0 ? stop : end), end: stop };
}

/** The words of `span`; quotes group and stay, an escape character takes the next one along. */
export function splitQuotedWords(span: Span, escape: string): readonly Word[] {
  const text = spanText(span);
  const words: Word[] = [];
  let at = skipSpace(text);
  while (at < text.length) {
    const { word, end } = scanQuotedWord(text, at, escape);
    if (word !== '') words.push({ text: word, location: locateSpan(span, at, end) });
    at = skipSpace(text, end);
  }
  return words;
}
