import { startCompletion } from '@codemirror/autocomplete';
import { toggleComment } from '@codemirror/commands';
import { foldAll, unfoldAll, unfoldCode } from '@codemirror/language';
import { openSearchPanel } from '@codemirror/search';
import type { Extension } from '@codemirror/state';
import { keymap, type Command, type EditorView } from '@codemirror/view';
import { EDITOR_COMMANDS, type EditorCommand } from '../../state/commands.ts';
import type { DockerfileDocument } from '../../state/dockerfile-document.svelte.ts';
import { changeText } from './change-text.ts';
import { goToDefinition } from './definition.ts';
import type { EditorHost } from './editor-host.ts';
import { explainCursor, explainLocation } from './explanation.ts';
import { fixAtCursor } from './fixes.ts';
import { foldAroundCursor } from './folding.ts';
import { positionAt } from './positions.ts';
import { renameStage } from './rename.ts';
import { say } from './say.ts';

export type EditorCommands = Readonly<Record<EditorCommand, Command>>;

/** What each command of the list does in the editor. */
export function editorCommands(host: EditorHost): EditorCommands {
  const { document } = host;
  const { questions } = document;
  return {
    complete: startCompletion,
    explain: (view) => explainCursor(view, host),
    fix: (view) => fixAtCursor(view, document),
    'next-problem': (view) => showProblem(view, host, 'after'),
    'previous-problem': (view) => showProblem(view, host, 'before'),
    definition: (view) => goToDefinition(view, questions),
    rename: (view) => renameStage(view, questions),
    format: (view) => format(view, document),
    fold: foldAroundCursor,
    unfold: unfoldCode,
    'fold-all': foldAll,
    'unfold-all': unfoldAll,
    comment: toggleComment,
    find: openSearchPanel,
  };
}

/** The keys of the list, bound to what the commands do. */
export function editorKeys(commands: EditorCommands): Extension {
  return keymap.of(
    EDITOR_COMMANDS.map(({ command, keys, ...rest }) => ({
      key: keys,
      run: commands[command],
      preventDefault: true,
      ...('macKeys' in rest ? { mac: rest.macKeys } : {}),
    })),
  );
}

function showProblem(view: EditorView, host: EditorHost, way: 'after' | 'before'): boolean {
  const cursor = positionAt(view.state.doc, view.state.selection.main.head);
  const { document } = host;
  const problem = way === 'after' ? document.problemAfter(cursor) : document.problemBefore(cursor);
  if (problem === undefined) say(view, 'No problems.');
  else explainLocation(view, host, problem.location);
  return true;
}

function format(view: EditorView, document: DockerfileDocument): boolean {
  void formatText(view, document);
  return true;
}

async function formatText(view: EditorView, document: DockerfileDocument): Promise<void> {
  const { doc } = view.state;
  const edits = await document.questions.format();
  if (edits === undefined || view.state.doc !== doc) return;
  if (edits.length > 0) changeText(view, edits, 'format');
  else say(view, document.hasErrors ? 'It is formatted once its errors are mended.' : 'Nothing to format.');
}
