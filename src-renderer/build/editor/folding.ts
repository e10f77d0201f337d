import { codeFolding, foldEffect, foldedRanges, foldGutter, foldService } from '@codemirror/language';
import { StateEffect, StateField, type EditorState, type Extension } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { Fold } from '../../../src-main/contract/dockerfiles-api.ts';

interface FoldRange {
  readonly from: number;
  readonly to: number;
}

/** Tells the editor what can be folded in the text that it has now. */
export const setFolds = StateEffect.define<readonly Fold[]>();

const foldsField = StateField.define<readonly FoldRange[]>({
  create: () => [],
  update(ranges, { effects, changes, state }) {
    const told = effects.find((effect) => effect.is(setFolds));
    if (told !== undefined) return rangesOf(state, told.value as readonly Fold[]);
    if (changes.empty) return ranges;
    return ranges.map(({ from, to }) => ({ from: changes.mapPos(from, 1), to: changes.mapPos(to, -1) }));
  },
});

/** From the end of the line that stays to the end of the last that goes. */
function rangesOf({ doc }: EditorState, folds: readonly Fold[]): readonly FoldRange[] {
  return folds
    .filter(({ first, last }) => first >= 1 && first < last && last <= doc.lines)
    .map(({ first, last }) => ({ from: doc.line(first).to, to: doc.line(last).to }));
}

/** Of several that begin on a line the longest. */
function foldAt(state: EditorState, lineStart: number, lineEnd: number): FoldRange | null {
  const here = state
    .field(foldsField)
    .filter(({ from, to }) => from >= lineStart && from <= lineEnd && from < to && to <= state.doc.length);
  return here.toSorted((a, b) => b.to - a.to)[0] ?? null;
}

/** Folds the smallest stretch around the cursor that is still open; the cursor goes to the line that stays. */
export function foldAroundCursor(view: EditorView): boolean {
  const { state } = view;
  const line = state.doc.lineAt(state.selection.main.head);
  const around = state
    .field(foldsField)
    .filter((range) => range.from <= line.to && range.to >= line.to && range.from < range.to)
    .filter((range) => !isFolded(state, range))
    .toSorted((a, b) => a.to - a.from - (b.to - b.from));
  const [range] = around;
  if (range === undefined) return false;
  view.dispatch({ effects: foldEffect.of(range), selection: { anchor: range.from } });
  return true;
}

function isFolded(state: EditorState, { from, to }: FoldRange): boolean {
  let found = false;
  foldedRanges(state).between(from, to, (start, end) => {
    found ||= start === from && end === to;
  });
  return found;
}

function chevron(open: boolean): HTMLElement {
  const mark = document.createElement('span');
  mark.className = open ? 'cm-fold-mark open' : 'cm-fold-mark';
  mark.title = open ? 'Fold' : 'Unfold';
  return mark;
}

/** Stages, instructions, here-documents and comments fold as the engine says. */
export const folding: Extension = [
  foldsField,
  foldService.of(foldAt),
  codeFolding(),
  foldGutter({
    markerDOM: chevron,
    foldingChanged: (update) => update.startState.field(foldsField) !== update.state.field(foldsField),
  }),
];
