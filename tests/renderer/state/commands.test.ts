import { describe, expect, test } from 'vitest';
import { EDITOR_COMMANDS, isEditorCommand, WINDOW_COMMANDS } from '../../../src-renderer/state/commands.ts';
import { keysLabel } from '../../../src-renderer/ui/shortcuts.ts';

const ALL: readonly { command: string; name: string; keys?: string }[] = [
  ...WINDOW_COMMANDS,
  ...EDITOR_COMMANDS,
];

describe('the commands', () => {
  test('have names and keys of their own', () => {
    const names = ALL.map((command) => command.name);
    const keys = ALL.flatMap((command) => command.keys ?? []);
    expect([new Set(names).size, new Set(keys).size]).toEqual([names.length, keys.length]);
  });

  test('are the editor’s or the window’s', () => {
    expect(['format', 'build', 'nothing'].map(isEditorCommand)).toEqual([true, false, false]);
  });

  test('show their keys as a keyboard has them', () => {
    const shown = (command: string) => keysLabel(ALL.find((known) => known.command === command) ?? {});
    expect(['build', 'format', 'previous-problem', 'cancel'].map(shown)).toEqual([
      'Ctrl B',
      'Shift Alt F',
      'Shift F8',
      '',
    ]);
  });
});
