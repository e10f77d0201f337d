import type { EngineError } from '../../contract/errors.ts';
import { dockerfileError } from './dockerfile-error.ts';
import { lineLocation } from './scan-lines.ts';
import type { Line } from './scan-lines.ts';

/** What BuildKit's reader takes of one line, in bytes, without the line feed. */
const MAX_BYTES = 65_535;
/** UTF-8 has at most so many bytes for one unit of a string. */
const MAX_BYTES_A_UNIT = 3;

function byteLength({ text, ending }: Line): number {
  const content = text + ending.replace('\n', '');
  return content.length * MAX_BYTES_A_UNIT <= MAX_BYTES ? 0 : Buffer.byteLength(content);
}

/** The lines that are too long for BuildKit, those of comments and of here-documents included. */
export function checkLineLengths(lines: readonly Line[], file: string): readonly EngineError[] {
  return lines.flatMap((line) => {
    const bytes = byteLength(line);
    if (bytes <= MAX_BYTES) return [];
    const message = `the line has ${bytes} bytes, more than ${MAX_BYTES}`;
    return [dockerfileError(message, lineLocation(line, file), 'Continue it on a line of its own.')];
  });
}
