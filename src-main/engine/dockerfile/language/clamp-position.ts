import type { TextPosition } from '../../../contract/dockerfiles-api.ts';
import type { Line } from '../scan-lines.ts';

/** The nearest position that the text has: an editor may be a keystroke ahead of what it sent. */
export function clampPosition(lines: readonly Line[], { line, column }: TextPosition): TextPosition {
  const last = lines.at(-1);
  const count = last === undefined || last.ending !== '' ? lines.length + 1 : lines.length;
  const inside = Math.min(Math.max(line, 1), count);
  const length = lines[inside - 1]?.text.length ?? 0;
  return { line: inside, column: Math.min(Math.max(column, 1), length + 1) };
}
