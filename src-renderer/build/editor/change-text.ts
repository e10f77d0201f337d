import { isolateHistory } from '@codemirror/commands';
import type { EditorState } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { TextEdit } from '../../../src-main/contract/dockerfiles-api.ts';
import { changesOf, rangeOf } from './positions.ts';

/** Applies the engine's edits as one step of the history; the cursor stays at what it was at. */
export function changeText(view: EditorView, edits: readonly TextEdit[], kind: string): void {
  if (edits.length === 0) return;
  const { state } = view;
  const changes = state.changes(changesOf(state.doc, edits));
  const keep = (at: number): number => cursorAfter(state, edits, at) ?? changes.mapPos(at);
  const { anchor, head } = state.selection.main;
  view.dispatch({
    changes,
    selection: { anchor: keep(anchor), head: keep(head) },
    userEvent: `input.${kind}`,
    annotations: isolateHistory.of('full'),
    scrollIntoView: true,
  });
}

/**
 * Where a cursor inside a rewritten stretch goes: behind as many characters that are not blank as before. Layout
 * only moves blanks, so that is the same place to a reader. Undefined for a cursor in no edit.
 */
function cursorAfter(state: EditorState, edits: readonly TextEdit[], at: number): number | undefined {
  let shift = 0;
  for (const { location, text } of edits.toSorted((a, b) => a.location.line - b.location.line)) {
    const { from, to } = rangeOf(state.doc, location);
    if (at > from && at < to) {
      return from + shift + lengthOfInked(text, inked(state.sliceDoc(from, at)));
    }
    if (to <= at) shift += text.length - (to - from);
  }
  return undefined;
}

function inked(text: string): number {
  return text.replace(/\s/g, '').length;
}

/** How long the beginning of a text is that holds so many characters that are not blank. */
function lengthOfInked(text: string, count: number): number {
  let left = count;
  for (let at = 0; at < text.length; at++) {
    if (left === 0) return at;
    if (/\S/.test(text[at] ?? '')) left--;
  }
  return text.length;
}
