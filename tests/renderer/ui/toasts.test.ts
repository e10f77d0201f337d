import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Toasts } from '../../../src-renderer/ui/toasts.svelte.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function messages(toasts: Toasts): readonly string[] {
  return toasts.shown.map((toast) => toast.message);
}

describe('toasts', () => {
  test('leave by themselves', () => {
    const toasts = new Toasts();
    toasts.done('first');
    vi.advanceTimersByTime(7999);
    expect(messages(toasts)).toEqual(['first']);
    vi.advanceTimersByTime(1);
    expect(messages(toasts)).toEqual([]);
  });

  test('stay while someone points at them, and a while after', () => {
    const toasts = new Toasts();
    toasts.done('first');
    toasts.pause();
    vi.advanceTimersByTime(60_000);
    expect(messages(toasts)).toEqual(['first']);
    toasts.resume();
    vi.advanceTimersByTime(8000);
    expect(messages(toasts)).toEqual([]);
  });

  test('run their action once', () => {
    const toasts = new Toasts();
    const run = vi.fn();
    const id = toasts.done('moved', { action: { label: 'Undo', run } });
    toasts.act(id);
    toasts.act(id);
    expect(run).toHaveBeenCalledTimes(1);
    expect(messages(toasts)).toEqual([]);
  });

  test('show the newest four', () => {
    const toasts = new Toasts();
    for (const name of ['a', 'b', 'c', 'd', 'e']) toasts.done(name);
    expect(messages(toasts)).toEqual(['b', 'c', 'd', 'e']);
  });
});
