import type { EditorView } from '@codemirror/view';
import type { DockerfileDocument } from '../../state/dockerfile-document.svelte.ts';
import { fixesAt, type OfferedFix } from '../../state/offered-fixes.ts';
import { changeText } from './change-text.ts';
import FixMenu from './fix-menu.svelte';
import { mountedTooltip } from './mounted-tooltip.ts';
import { closePopup, dropPopup, openPopup } from './popup.ts';
import { problemsIn } from './problem-marks.ts';
import { say } from './say.ts';

/** Applies the fix at the cursor, or shows a menu where there are several. */
export function fixAtCursor(view: EditorView, document: DockerfileDocument): boolean {
  const { head } = view.state.selection.main;
  const offered = offeredAt(view, document, head);
  const [only] = offered;
  if (only === undefined) say(view, 'There is nothing to fix here.');
  else if (offered.length === 1) changeText(view, only.edits, 'fix');
  else showMenu(view, head, offered);
  return true;
}

/** The fixes of what the cursor is in, else those of its line. */
function offeredAt(view: EditorView, document: DockerfileDocument, head: number): readonly OfferedFix[] {
  const { from, to } = view.state.doc.lineAt(head);
  const at = problemsIn(view.state, head, head).map((mark) => mark.problem);
  const exact = fixesAt(document, at);
  if (exact.length > 0) return exact;
  return fixesAt(
    document,
    problemsIn(view.state, from, to).map((mark) => mark.problem),
  );
}

function showMenu(view: EditorView, pos: number, offered: readonly OfferedFix[]): void {
  const end = (): void => closePopup(view);
  const choose = ({ edits }: OfferedFix): void => {
    end();
    changeText(view, edits, 'fix');
  };
  openPopup(view, {
    pos,
    create: () => {
      const leave = (): void => void dropPopup(view);
      return mountedTooltip(FixMenu, { offered, onchoose: choose, onend: end, onleave: leave });
    },
  });
}
