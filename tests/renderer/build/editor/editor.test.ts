import { currentCompletions, startCompletion } from '@codemirror/autocomplete';
import { undo } from '@codemirror/commands';
import type { EditorView } from '@codemirror/view';
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, test, vi } from 'vitest';
import type { Diagnostic } from '../../../../src-main/contract/builds-api.ts';
import type { Completion, Token } from '../../../../src-main/contract/dockerfiles-api.ts';
import { EngineError } from '../../../../src-main/contract/errors.ts';
import { digestOf } from '../../support/image-row.ts';
import { location } from '../../support/location.ts';
import { before, openEditor } from '../../support/open-editor.ts';
import { textOf } from '../../support/text-of.ts';

const TEXT = 'FROM busybox AS build\nrun make\nFROM scratch\nCOPY --from=build /out /\n';
const CASING: Diagnostic = {
  severity: 'warning',
  rule: 'ConsistentInstructionCasing',
  message: 'Command run should be upper case',
  hint: 'Instructions are easier to read in one case.',
  url: 'https://docs.docker.com/go/dockerfile/rule/consistent-instruction-casing/',
  location: location(2, 1, 4),
  instructionLine: 2,
  fixes: [{ title: 'Write RUN', edits: [{ location: location(2, 1, 4), text: 'RUN' }] }],
};
const FIXED = TEXT.replace('run', 'RUN');
const BUILD = {
  kind: 'stage' as const,
  name: 'build',
  location: location(4, 13, 18),
  definition: location(1, 17, 22),
  mentions: [location(1, 17, 22), location(4, 13, 18)],
  canRename: true,
};

function put(view: EditorView, at: number): void {
  view.dispatch({ selection: { anchor: at } });
}

function type(view: EditorView, text: string): void {
  const { head } = view.state.selection.main;
  view.dispatch({
    changes: { from: head, insert: text },
    selection: { anchor: head + text.length },
    userEvent: 'input.type',
  });
}

function press(view: EditorView, key: string, held: KeyboardEventInit = {}) {
  return fireEvent.keyDown(view.contentDOM, { key, ...held });
}

function selected({ state }: EditorView): string {
  return state.sliceDoc(state.selection.main.from, state.selection.main.to);
}

function inClass(view: EditorView, name: string): string[] {
  return [...view.contentDOM.querySelectorAll(`.${name}`)].map((element) => element.textContent);
}

function token(line: number, column: number, length: number, kind: Token['kind']): Token {
  return { line, column, length, kind };
}

describe('the editor’s marks', () => {
  test('colour the text by the engine’s tokens and move with it while one types', async () => {
    const tokens = [token(1, 1, 4, 'keyword'), token(1, 6, 7, 'image'), token(4, 13, 5, 'stage')];
    const structure = vi.fn(() => Promise.resolve({ outline: [], folds: [], tokens }));
    const { view } = await openEditor({ text: TEXT, dockerfiles: { structure } });
    expect(inClass(view, 'cm-token-keyword')).toEqual(['FROM']);
    structure.mockImplementation(() => new Promise(() => undefined));
    put(view, 0);
    type(view, '# a comment\n');
    expect([inClass(view, 'cm-token-image'), inClass(view, 'cm-token-stage')]).toEqual([
      ['busybox'],
      ['build'],
    ]);
  });

  test('underline a problem where the text has moved it, and say in the gutter what it is', async () => {
    const { view } = await openEditor({ text: TEXT, diagnostics: [CASING] });
    put(view, 0);
    type(view, '# a comment\n');
    expect(inClass(view, 'cm-problem')).toEqual(['run']);
    expect(view.dom.querySelector('.cm-problem-sign')?.getAttribute('title')).toBe(CASING.message);
  });

  test('show where a problem is on an empty line', async () => {
    const nothing: Diagnostic = {
      severity: 'error',
      message: 'empty',
      location: location(1, 1),
      instructionLine: 1,
    };
    const { view } = await openEditor({ text: '', diagnostics: [nothing] });
    expect(view.contentDOM.querySelectorAll('.cm-problem-point.error').length).toBe(1);
  });

  test('highlight every mention of what the cursor is at', async () => {
    const { view } = await openEditor({
      text: TEXT,
      dockerfiles: { symbol: () => Promise.resolve(BUILD) },
    });
    put(view, before(view, 'build /out'));
    await waitFor(() => expect(inClass(view, 'cm-mention')).toEqual(['build', 'build']));
  });

  test('fold what the engine says can be folded, the smallest stretch around the cursor first', async () => {
    const folds = [
      { first: 1, last: 2, kind: 'stage' as const },
      { first: 1, last: 4, kind: 'comment' as const },
    ];
    const { view } = await openEditor({
      text: TEXT,
      dockerfiles: { structure: () => Promise.resolve({ outline: [], folds, tokens: [] }) },
    });
    put(view, before(view, 'make'));
    await press(view, '{', { ctrlKey: true, shiftKey: true, keyCode: 219 });
    expect(textOf(view.contentDOM)).toMatch(/^FROM busybox AS build ?….*COPY/);
    await press(view, '{', { ctrlKey: true, shiftKey: true, keyCode: 219 });
    expect(textOf(view.contentDOM)).not.toContain('COPY');
    await press(view, '}', { ctrlKey: true, shiftKey: true, keyCode: 221 });
    await press(view, '}', { ctrlKey: true, shiftKey: true, keyCode: 221 });
    expect(textOf(view.contentDOM)).toContain('make');
  });
});

describe('problems in the editor', () => {
  test('are gone to in order, each with a card that says what, why and how to mend it', async () => {
    const openLink = vi.fn();
    const { view } = await openEditor({ text: TEXT, diagnostics: [CASING], openLink });
    await press(view, 'F8');
    const card = await screen.findByRole('region', { name: 'Explanation' });
    expect(textOf(card)).toBe(
      'Warning: Command run should be upper case Instructions are easier to read in one case. ' +
        'ConsistentInstructionCasing What it means Write RUN',
    );
    await fireEvent.click(within(card).getByRole('link', { name: 'What it means' }));
    expect(openLink.mock.calls).toEqual([[CASING.url]]);
    await fireEvent.click(within(card).getByRole('button', { name: 'Write RUN' }));
    expect(view.state.doc.toString()).toBe(FIXED);
    await waitFor(() => expect(screen.queryByRole('region', { name: 'Explanation' })).toBeNull());
  });

  test('share their card with what the word there means', async () => {
    const hover = {
      location: location(2, 1, 4),
      title: 'RUN',
      syntax: 'RUN <command>',
      text: ['Runs a command.'],
      facts: [{ name: 'digest', value: digestOf('a'), digest: digestOf('a') }],
    };
    const { view } = await openEditor({
      text: TEXT,
      diagnostics: [CASING],
      dockerfiles: { hover: () => Promise.resolve(hover) },
    });
    put(view, before(view, 'run'));
    await press(view, 'i', { ctrlKey: true });
    const cards = await screen.findAllByRole('region', { name: 'Explanation' });
    expect(cards.map(textOf)).toEqual([
      expect.stringMatching(/upper case.*RUN <command> Runs a command.*aaaaaaaaaaaa/),
    ]);
    await press(view, 'Escape');
    expect(screen.queryByRole('region', { name: 'Explanation' })).toBeNull();
  });

  test('are mended by one key where there is one way, and one undo takes it back', async () => {
    const { view } = await openEditor({ text: TEXT, diagnostics: [CASING] });
    put(view, before(view, 'make'));
    await press(view, '.', { ctrlKey: true });
    expect(view.state.doc.toString()).toBe(FIXED);
    expect(selected(view)).toBe('');
    undo(view);
    expect(view.state.doc.toString()).toBe(TEXT);
  });

  test('offer a menu where there are several ways', async () => {
    const lower = {
      title: 'Write all in lower case',
      edits: [{ location: location(1, 1, 5), text: 'from' }],
    };
    const both = { ...CASING, fixes: [...(CASING.fixes ?? []), lower] };
    const { view } = await openEditor({ text: TEXT, diagnostics: [both] });
    put(view, before(view, 'run'));
    await press(view, '.', { ctrlKey: true });
    const menu = await screen.findByRole('menu', { name: 'Fixes' });
    const items = within(menu).getAllByRole('menuitem');
    expect(items.map(textOf)).toEqual(['Write RUN', 'Write all in lower case']);
    await waitFor(() => expect(document.activeElement).toBe(items[0]));
    await fireEvent.keyDown(menu, { key: 'ArrowDown' });
    expect(document.activeElement).toBe(items[1]);
    await fireEvent.click(items[1] ?? menu);
    expect(view.state.doc.toString()).toBe(TEXT.replace('FROM busybox', 'from busybox'));
    expect(screen.queryByRole('menu')).toBeNull();
  });

  test('say at the cursor when there is nothing to mend', async () => {
    const { view } = await openEditor({ text: TEXT });
    await press(view, '.', { ctrlKey: true });
    expect(view.dom.querySelector('.cm-say')?.textContent).toBe('There is nothing to fix here.');
    put(view, 3);
    expect(view.dom.querySelector('.cm-say')).toBeNull();
  });
});

describe('stages in the editor', () => {
  test('are gone to from where they are named', async () => {
    const { view } = await openEditor({ text: TEXT, dockerfiles: { symbol: () => Promise.resolve(BUILD) } });
    put(view, before(view, 'build /out'));
    await press(view, 'F12');
    await waitFor(() => expect(selected(view)).toBe('build'));
    expect(view.state.selection.main.from).toBe(before(view, 'build'));
  });

  test('are renamed wherever they are meant, and what the engine refuses is said', async () => {
    const rename = vi.fn(({ name }: { name: string }) =>
      Promise.resolve({ edits: BUILD.mentions.map((place) => ({ location: place, text: name })) }),
    );
    rename.mockRejectedValueOnce(new EngineError('CONFLICT', 'Another stage is called make'));
    const { view } = await openEditor({
      text: TEXT,
      dockerfiles: { symbol: () => Promise.resolve(BUILD), rename },
    });
    put(view, before(view, 'build /out'));
    await press(view, 'F2');
    const field = await screen.findByRole('textbox', { name: 'New name' });
    expect(field).toHaveProperty('value', 'build');
    await fireEvent.input(field, { target: { value: 'make' } });
    await fireEvent.keyDown(field, { key: 'Enter' });
    expect(await screen.findByText('Another stage is called make')).toBeTruthy();
    await fireEvent.input(field, { target: { value: 'making' } });
    await fireEvent.keyDown(field, { key: 'Enter' });
    await waitFor(() => expect(view.state.doc.toString()).toBe(TEXT.replaceAll('build', 'making')));
    expect(screen.queryByRole('textbox', { name: 'New name' })).toBeNull();
    undo(view);
    expect(view.state.doc.toString()).toBe(TEXT);
  });

  test('are not renamed where the engine says they cannot be', async () => {
    const { view } = await openEditor({
      text: TEXT,
      dockerfiles: { symbol: () => Promise.resolve({ ...BUILD, canRename: false }) },
    });
    await press(view, 'F2');
    await waitFor(() =>
      expect(view.dom.querySelector('.cm-say')?.textContent).toBe('build cannot be renamed here.'),
    );
  });
});

describe('formatting', () => {
  const layout = (text: string, line: number, end: number) => ({
    location: { ...location(line, 1), endColumn: end },
    text,
  });

  test('leaves the cursor at what it was at and is one step of the history', async () => {
    const text = 'from   busybox\n\n\nrun   make   all\n';
    const edits = [layout('FROM busybox', 1, 15), layout('RUN make all', 4, 17)];
    const { view } = await openEditor({
      text,
      dockerfiles: { format: () => Promise.resolve({ edits }) },
    });
    put(view, before(view, 'e   all'));
    await press(view, 'F', { shiftKey: true, altKey: true, keyCode: 70 });
    await waitFor(() => expect(view.state.doc.toString()).toBe('FROM busybox\n\n\nRUN make all\n'));
    expect(view.state.selection.main.head).toBe(before(view, 'e all'));
    undo(view);
    expect(view.state.doc.toString()).toBe(text);
  });

  test('says so when there is nothing to do', async () => {
    const { view, port } = await openEditor({
      text: TEXT,
      dockerfiles: { format: () => Promise.resolve({ edits: [] }) },
    });
    port.run('format');
    await waitFor(() => expect(view.dom.querySelector('.cm-say')?.textContent).toBe('Nothing to format.'));
  });
});

describe('completion', () => {
  const stage: Completion = {
    kind: 'stage',
    label: 'build',
    insert: 'build',
    detail: 'busybox',
    continues: false,
  };
  const folder: Completion = { kind: 'folder', label: 'site/', insert: 'site/', continues: true };

  const flag: Completion = {
    kind: 'flag',
    label: '--link',
    insert: '--link',
    detail: '--link[=true]',
    continues: false,
  };

  function completions(...items: Completion[]) {
    return vi.fn(({ position }: { position: { line: number; column: number } }) =>
      Promise.resolve({ replace: location(position.line, position.column), items, incomplete: false }),
    );
  }

  function shown(view: EditorView): string[] {
    return currentCompletions(view.state).map((option) => `${option.label} ${option.detail ?? ''}`.trim());
  }

  test('offers what the engine knows as one types', async () => {
    const { view } = await openEditor({
      text: TEXT,
      dockerfiles: { complete: completions(stage, folder, flag) },
    });
    put(view, TEXT.length);
    type(view, 'COPY --from=');
    await waitFor(() => expect(shown(view)).toEqual(['build busybox', 'site/', '--link [=true]']));
  });

  test('offers nothing but what is not there yet', async () => {
    const complete = vi.fn(() =>
      Promise.resolve({ replace: location(5, 1, 6), items: [stage], incomplete: false }),
    );
    const { view } = await openEditor({ text: TEXT, dockerfiles: { complete } });
    put(view, TEXT.length);
    type(view, 'build');
    await waitFor(() => expect(complete).toHaveBeenCalled());
    await Promise.resolve();
    expect(shown(view)).toEqual([]);
  });

  test('goes on by itself where more is to come', async () => {
    const complete = completions(folder);
    const { view } = await openEditor({ text: TEXT, dockerfiles: { complete } });
    put(view, TEXT.length);
    startCompletion(view);
    await waitFor(() => expect(shown(view)).toEqual(['site/']));
    const asked = complete.mock.calls.length;
    const [option] = currentCompletions(view.state);
    if (typeof option?.apply !== 'function') throw new Error('the option cannot be applied');
    option.apply(view, option, TEXT.length, TEXT.length);
    expect(view.state.doc.toString()).toBe(`${TEXT}site/`);
    await waitFor(() => expect(complete.mock.calls.length).toBeGreaterThan(asked));
  });
});
