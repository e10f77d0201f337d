import type { SourceLocation } from '../../../contract/errors.ts';
import { defineCheck } from './check-context.ts';

/** The line with its line end. */
function wholeLine(line: SourceLocation): SourceLocation {
  return { ...line, column: 1, endLine: line.line + 1, endColumn: 1 };
}

export const noEmptyContinuation = defineCheck(
  'NoEmptyContinuation',
  'An instruction that continues on the next line does not continue on an empty one.',
  function* ({ dockerfile }) {
    for (const { emptyContinuations, lastLine } of dockerfile.instructions) {
      const [first] = emptyContinuations;
      if (first === undefined) continue;
      const location = { ...first, line: lastLine, column: 1, endLine: lastLine, endColumn: 1 };
      const edits = emptyContinuations.map((line) => ({ location: wholeLine(line), text: '' }));
      const fix = { title: 'Remove the empty lines', edits };
      yield { message: 'Empty continuation line', location, focus: first, fixes: [fix] };
    }
  },
);
