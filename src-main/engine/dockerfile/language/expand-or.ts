import { isEngineError } from '../../../contract/errors.ts';
import { expandWord } from '../expand-word.ts';
import type { Variables } from '../expand-word.ts';

/** A word with its variables replaced, or `otherwise` where it cannot be expanded: a build tells why. */
export function expandOr<Otherwise>(
  word: string,
  variables: Variables,
  escape: string,
  otherwise: Otherwise,
): string | Otherwise {
  try {
    return expandWord(word, variables, { escape });
  } catch (error) {
    if (isEngineError(error)) return otherwise;
    throw error;
  }
}
