import type { EngineErrorOptions, Fix, SourceLocation } from '../../contract/errors.ts';
import { nearest } from './nearest.ts';

/** What an error says about the word that was probably meant. */
type Suggestion = Pick<EngineErrorOptions, 'hint' | 'fixes'>;

/** The fix that puts `text` in the place of what stands at `location`. */
export function replaceFix(title: string, location: SourceLocation, text: string): Fix {
  return { title, edits: [{ location, text }] };
}

/** `Did you mean …?`, and the fix that writes it at `location`. */
export function suggest(likely: string, location: SourceLocation): Suggestion {
  return { hint: `Did you mean ${likely}?`, fixes: [replaceFix(`Write ${likely}`, location, likely)] };
}

/** The candidate that is nearest to what is written at `location`, else `otherwise`. */
export function didYouMean(
  written: string,
  candidates: Iterable<string>,
  location: SourceLocation,
  otherwise?: string,
): Suggestion {
  const known = Array.from(candidates);
  const likely = nearest(written, known);
  if (likely === undefined) return { hint: otherwise };
  return suggest(known.find((candidate) => hasSameLetters(candidate, written)) ?? likely, location);
}

/** Two letters in each other's place are one slip, though they count as two edits. */
function hasSameLetters(a: string, b: string): boolean {
  return a.length === b.length && Array.from(a).toSorted().join('') === Array.from(b).toSorted().join('');
}
