import type { ChangeSpec, Text } from '@codemirror/state';
import type { TextEdit, TextPosition } from '../../../src-main/contract/dockerfiles-api.ts';
import type { SourceLocation } from '../../../src-main/contract/errors.ts';

/** The one place where the contract's lines and columns become the editor's offsets, and back. */
export function offsetAt(doc: Text, { line, column }: TextPosition): number {
  if (line > doc.lines) return doc.length;
  const { from, to } = doc.line(Math.max(1, line));
  return Math.min(to, from + Math.max(0, column - 1));
}

export function positionAt(doc: Text, offset: number): TextPosition {
  const { number, from } = doc.lineAt(offset);
  return { line: number, column: offset - from + 1 };
}

/** A location as offsets; one that does not fit the text is cut to it. */
export function rangeOf(doc: Text, location: SourceLocation): { from: number; to: number } {
  const from = offsetAt(doc, location);
  const to = offsetAt(doc, { line: location.endLine, column: location.endColumn });
  return { from, to: Math.max(from, to) };
}

export function changesOf(doc: Text, edits: readonly TextEdit[]): ChangeSpec[] {
  return edits.map(({ location, text }) => ({ ...rangeOf(doc, location), insert: text }));
}
