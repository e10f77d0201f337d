import { EditorView } from '@codemirror/view';
import { openPopup } from './popup.ts';

/** Answers a command that has nothing to do: at the cursor, until it moves, and to assistive technology. */
export function say(view: EditorView, text: string): void {
  const { head } = view.state.selection.main;
  openPopup(view, {
    pos: head,
    create() {
      const dom = document.createElement('div');
      dom.className = 'cm-say';
      dom.textContent = text;
      return { dom };
    },
  });
  view.dispatch({ effects: EditorView.announce.of(text) });
}
