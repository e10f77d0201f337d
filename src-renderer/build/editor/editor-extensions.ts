import { acceptCompletion, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { changeGutter } from './change-gutter.ts';
import { completion } from './completion.ts';
import { definitionLinks } from './definition.ts';
import { editorKeys, type EditorCommands } from './editor-commands.ts';
import type { EditorHost } from './editor-host.ts';
import { editorLook } from './editor-look.ts';
import { explanation } from './explanation.ts';
import { folding } from './folding.ts';
import { forecastGutter } from './forecast-gutter.ts';
import { mentions } from './mentions.ts';
import { popups } from './popup.ts';
import { positionAt } from './positions.ts';
import { problemMarks } from './problem-marks.ts';
import { tokenColours } from './token-colours.ts';

/** Everything the editor is made of. Gutters stand in this order; keys that come first win. */
export function editorExtensions(host: EditorHost, commands: EditorCommands): Extension {
  const { document } = host;
  return [
    changeGutter,
    forecastGutter,
    problemMarks,
    lineNumbers(),
    folding,
    history(),
    drawSelection(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    EditorState.languageData.of(() => [{ commentTokens: { line: '#' } }]),
    EditorView.contentAttributes.of({ 'aria-label': 'Dockerfile' }),
    completion(document.questions),
    keymap.of([...completionKeymap, { key: 'Tab', run: acceptCompletion }]),
    popups,
    explanation(host),
    editorKeys(commands),
    keymap.of([...defaultKeymap, ...searchKeymap, ...historyKeymap]),
    mentions(document.questions),
    definitionLinks(document.questions),
    tokenColours,
    EditorView.updateListener.of(({ docChanged, selectionSet, state, transactions }) => {
      if (docChanged) document.setText(state.doc.toString());
      // A mended problem is gone at once, not when typing would pause.
      if (transactions.some((transaction) => transaction.isUserEvent('input.fix'))) void document.check();
      if (docChanged || selectionSet) document.cursor = positionAt(state.doc, state.selection.main.head);
    }),
    editorLook,
  ];
}
