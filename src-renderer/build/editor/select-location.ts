import { EditorSelection } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import type { SourceLocation } from '../../../src-main/contract/errors.ts';
import { rangeOf } from './positions.ts';

/** Selects a place, or puts the cursor where it begins, and brings it into sight unless it is. */
export function selectLocation(
  view: EditorView,
  location: SourceLocation,
  what: 'all' | 'start' = 'all',
): void {
  const { from, to } = rangeOf(view.state.doc, location);
  const selection = EditorSelection.single(from, what === 'all' ? to : from);
  const y = isInSight(view, from) ? 'nearest' : 'center';
  view.dispatch({ selection, effects: EditorView.scrollIntoView(from, { y }) });
  view.focus();
}

function isInSight(view: EditorView, at: number): boolean {
  const { from, to } = view.viewport;
  return at >= from && at <= to;
}
