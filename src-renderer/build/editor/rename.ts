import type { EditorView } from '@codemirror/view';
import type { DockerfileSymbol } from '../../../src-main/contract/dockerfiles-api.ts';
import type { DockerfileQuestions } from '../../state/dockerfile-questions.ts';
import { StageRename } from '../../state/stage-rename.svelte.ts';
import { changeText } from './change-text.ts';
import { mountedTooltip } from './mounted-tooltip.ts';
import { closePopup, dropPopup, openPopup } from './popup.ts';
import { positionAt, rangeOf } from './positions.ts';
import RenameField from './rename-field.svelte';
import { say } from './say.ts';

/** Asks for another name at the stage under the cursor and renames it wherever it is meant. */
export function renameStage(view: EditorView, questions: DockerfileQuestions): boolean {
  void start(view, questions);
  return true;
}

async function start(view: EditorView, questions: DockerfileQuestions): Promise<void> {
  const { doc, selection } = view.state;
  const symbol = await questions.symbol(positionAt(doc, selection.main.head), 'definition');
  if (symbol === undefined || view.state.doc !== doc) return;
  if (symbol?.canRename === true) ask(view, questions, symbol);
  else say(view, symbol === null ? 'No stage is named here.' : `${symbol.name} cannot be renamed here.`);
}

function ask(view: EditorView, questions: DockerfileQuestions, symbol: DockerfileSymbol): void {
  const rename = new StageRename(questions, symbol);
  const end = (): void => closePopup(view);
  const submit = async (): Promise<void> => {
    const { doc } = view.state;
    const edits = await rename.submit();
    if (edits === undefined || view.state.doc !== doc) return;
    end();
    changeText(view, edits, 'rename');
  };
  openPopup(view, {
    pos: rangeOf(view.state.doc, symbol.location).from,
    create: () => {
      const leave = (): void => void dropPopup(view);
      return mountedTooltip(RenameField, { rename, onsubmit: submit, onend: end, onleave: leave });
    },
  });
}
