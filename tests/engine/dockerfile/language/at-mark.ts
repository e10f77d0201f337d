import type { TextPosition } from '../../../../src-main/contract/dockerfiles-api.ts';

export interface MarkedText {
  readonly text: string;
  readonly position: TextPosition;
}

/** A text without its `|`, and the position where that stood. */
export function atMark(marked: string): MarkedText {
  const offset = marked.indexOf('|');
  if (offset < 0) throw new Error(`no | in ${JSON.stringify(marked)}`);
  const before = marked.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - before.lastIndexOf('\n');
  return { text: before + marked.slice(offset + 1), position: { line, column } };
}
