/**
 * Every command of the window with its keys: the palette and the editor's key bindings are made from this list, so
 * that what is shown is what works. `Mod` is Cmd on macOS and Ctrl elsewhere.
 */
interface Described<Command extends string> {
  readonly command: Command;
  readonly name: string;
  readonly keys?: string;
  /** The keys on macOS where they are others. */
  readonly macKeys?: string;
}

export const WINDOW_COMMANDS = [
  { command: 'build', name: 'Build', keys: 'Mod-b' },
  { command: 'cancel', name: 'Cancel the build' },
  { command: 'prove', name: 'Prove the build: build it twice and compare' },
  { command: 'open-folder', name: 'Open a folder…', keys: 'Mod-o' },
  { command: 'save', name: 'Save the Dockerfile', keys: 'Mod-s' },
  { command: 'load-archive', name: 'Load an archive…' },
  { command: 'pull', name: 'Pull an image…' },
  { command: 'push', name: 'Push the chosen image…' },
  { command: 'undo', name: 'Undo the last tag move', keys: 'Mod-z' },
  { command: 'screen-1', name: 'Go to Build', keys: 'Mod-1' },
  { command: 'screen-2', name: 'Go to Images', keys: 'Mod-2' },
  { command: 'screen-3', name: 'Go to Layers', keys: 'Mod-3' },
  { command: 'screen-4', name: 'Go to Builds', keys: 'Mod-4' },
  { command: 'screen-5', name: 'Go to Registries', keys: 'Mod-5' },
  { command: 'screen-6', name: 'Go to Settings', keys: 'Mod-6' },
  { command: 'cache', name: 'Show the build cache' },
  { command: 'problems', name: 'Show the problems', keys: 'Mod-Shift-m' },
  { command: 'outline', name: 'Show the outline', keys: 'Mod-Shift-o' },
] as const satisfies readonly Described<string>[];

export const EDITOR_COMMANDS = [
  { command: 'complete', name: 'Complete the word', keys: 'Ctrl-Space' },
  { command: 'explain', name: 'Explain what is at the cursor', keys: 'Mod-i' },
  { command: 'fix', name: 'Fix the problem at the cursor', keys: 'Mod-.' },
  { command: 'next-problem', name: 'Next problem', keys: 'F8' },
  { command: 'previous-problem', name: 'Previous problem', keys: 'Shift-F8' },
  { command: 'definition', name: 'Go to the stage or variable', keys: 'F12' },
  { command: 'rename', name: 'Rename the stage', keys: 'F2' },
  { command: 'format', name: 'Format the Dockerfile', keys: 'Shift-Alt-f' },
  { command: 'fold', name: 'Fold', keys: 'Ctrl-Shift-[', macKeys: 'Cmd-Alt-[' },
  { command: 'unfold', name: 'Unfold', keys: 'Ctrl-Shift-]', macKeys: 'Cmd-Alt-]' },
  { command: 'fold-all', name: 'Fold everything', keys: 'Ctrl-Alt-[' },
  { command: 'unfold-all', name: 'Unfold everything', keys: 'Ctrl-Alt-]' },
  { command: 'comment', name: 'Comment the line, or not', keys: 'Mod-/' },
  { command: 'find', name: 'Find in the Dockerfile', keys: 'Mod-f' },
] as const satisfies readonly Described<string>[];

export type EditorCommand = (typeof EDITOR_COMMANDS)[number]['command'];

export function isEditorCommand(command: string): command is EditorCommand {
  return EDITOR_COMMANDS.some((known) => known.command === command);
}
