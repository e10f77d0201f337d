import { describe, expect, test, vi } from 'vitest';
import { EngineError } from '../../../src-main/contract/errors.ts';
import { TagMoves } from '../../../src-renderer/state/tag-moves.svelte.ts';
import { Toasts } from '../../../src-renderer/ui/toasts.svelte.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { digestOf, tagEvent } from '../support/image-row.ts';

function setUp() {
  const toasts = new Toasts();
  const undo = vi.fn(({ name }: { name: string }) => Promise.resolve(tagEvent(90, name, { cause: 'undo' })));
  const engine = fakeEngine({
    images: {
      tag: ({ target }) => Promise.resolve(tagEvent(1, target, { from: digestOf('c') })),
      rename: ({ source, target }) =>
        Promise.resolve([tagEvent(2, target), tagEvent(3, source, { cause: 'untag' })]),
      untag: ({ name }) => Promise.resolve(tagEvent(4, name, { cause: 'untag' })),
      undo,
    },
  });
  return { moves: new TagMoves(engine.api, toasts), toasts, undo };
}

function messages(toasts: Toasts): readonly string[] {
  return toasts.shown.map((toast) => toast.message);
}

describe('a tag that was moved in the window', () => {
  test('is told with a way back, which undoes exactly that move', async () => {
    const { moves, toasts, undo } = setUp();
    await moves.tag('shop:1', 'shop:2');
    expect(toasts.shown.map(({ message, action }) => [message, action?.label])).toEqual([
      ['Moved shop:2', 'Undo'],
    ]);
    toasts.act(toasts.shown[0]?.id ?? 0);
    await vi.waitFor(() => expect(messages(toasts)).toEqual(['Undone: moved shop:2']));
    expect(undo.mock.calls).toEqual([[{ name: 'shop:2', event: 1 }]]);
    expect(moves.canUndo).toBe(false);
  });

  test('comes back from a renaming in the reverse order of its moves', async () => {
    const { moves, undo } = setUp();
    await moves.rename('a:1', 'b:1');
    await moves.undoLast();
    expect(undo.mock.calls).toEqual([[{ name: 'a:1', event: 3 }], [{ name: 'b:1', event: 2 }]]);
  });

  test('is not offered to be undone any more once it was undone from the keyboard', async () => {
    const { moves, toasts } = setUp();
    await moves.untag('old:1');
    await moves.undoLast();
    expect(messages(toasts)).toEqual(['Undone: removed the tag old:1']);
  });

  test('is undone newest first, and never twice', async () => {
    const { moves, toasts, undo } = setUp();
    await moves.tag('shop:1', 'shop:2');
    await moves.untag('old:1');
    const [first] = toasts.shown;
    await moves.undoLast();
    await moves.undoLast();
    await moves.undoLast();
    first?.action?.run();
    expect(undo.mock.calls.map(([{ name }]) => name)).toEqual(['old:1', 'shop:2']);
  });

  test('says why when the way back is closed', async () => {
    const { moves, toasts, undo } = setUp();
    await moves.untag('old:1');
    undo.mockRejectedValueOnce(
      new EngineError('CONFLICT', 'old:1 has moved since.', { hint: 'See its history.' }),
    );
    await moves.undoLast();
    expect(toasts.shown.at(-1)).toMatchObject({
      kind: 'error',
      message: 'old:1 has moved since.',
      detail: 'See its history.',
    });
  });
});
