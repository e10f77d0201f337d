import { StateEffect, StateField, type EditorState, type Extension } from '@codemirror/state';
import { closeHoverTooltips, keymap, showTooltip, type EditorView, type Tooltip } from '@codemirror/view';

const setPopup = StateEffect.define<Tooltip | null>();

const popupField = StateField.define<Tooltip | null>({
  create: () => null,
  update(popup, transaction) {
    const told = transaction.effects.find((effect) => effect.is(setPopup));
    if (told !== undefined) return told.value as Tooltip | null;
    return transaction.docChanged || transaction.selection !== undefined ? null : popup;
  },
  provide: (field) => showTooltip.from(field),
});

/** What the person is asked or told at a place in the text. At most one; it goes when the text or the cursor moves. */
export const popups: Extension = [popupField, keymap.of([{ key: 'Escape', run: (view) => dropPopup(view) }])];

export function openPopup(view: EditorView, popup: Tooltip): void {
  view.dispatch({ effects: [setPopup.of(popup), closeHoverTooltips] });
}

export function hasPopup(state: EditorState): boolean {
  return state.field(popupField) !== null;
}

/** Whether this very one is open. */
export function isPopup(state: EditorState, popup: Tooltip): boolean {
  return state.field(popupField) === popup;
}

/** Closes what is open and gives the text the focus. */
export function closePopup(view: EditorView): void {
  view.focus();
  dropPopup(view);
}

/** Closes what is open and leaves the focus where it went; false when nothing was open. */
export function dropPopup(view: EditorView): boolean {
  if (!hasPopup(view.state)) return false;
  view.dispatch({ effects: setPopup.of(null) });
  return true;
}
