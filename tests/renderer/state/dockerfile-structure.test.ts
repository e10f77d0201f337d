import { describe, expect, test, vi } from 'vitest';
import type { Token } from '../../../src-main/contract/dockerfiles-api.ts';
import { EngineError } from '../../../src-main/contract/errors.ts';
import { DockerfileStructure } from '../../../src-renderer/state/dockerfile-structure.svelte.ts';
import { fakeEngine } from '../support/fake-engine.ts';

type Answer = { outline: []; folds: []; tokens: Token[] };

function structureOf(text: string): Answer {
  return { outline: [], folds: [], tokens: [{ line: 1, column: 1, length: text.length, kind: 'keyword' }] };
}

function open() {
  const asked = { text: 'a' };
  const structure = vi.fn(({ text }: { text: string }) => Promise.resolve(structureOf(text)));
  const engine = fakeEngine({ dockerfiles: { structure } });
  return { asked, structure, state: new DockerfileStructure(engine.api, () => ({ ...asked })) };
}

describe('the structure of a Dockerfile', () => {
  test('is that of the text for which it was asked', async () => {
    const { state } = open();
    await state.refresh();
    expect(state.latest).toEqual({ ...structureOf('a'), text: 'a' });
  });

  test('is asked once at a time while one types, and ends with the newest text', async () => {
    const { asked, structure, state } = open();
    const first = state.refresh();
    for (const text of ['ab', 'abc', 'abcd']) {
      asked.text = text;
      void state.refresh();
    }
    await first;
    expect(structure.mock.calls.map(([params]) => params.text)).toEqual(['a', 'abcd']);
    expect(state.latest.text).toBe('abcd');
  });

  test('stays as it was while the engine is away', async () => {
    const { asked, structure, state } = open();
    await state.refresh();
    structure.mockRejectedValueOnce(new EngineError('DISCONNECTED', 'gone'));
    asked.text = 'b';
    await state.refresh();
    expect(state.latest.text).toBe('a');
    await state.refresh();
    expect(state.latest.text).toBe('b');
  });

  test('takes no answer after it was closed', async () => {
    const { state } = open();
    const answer = state.refresh();
    state.close();
    await answer;
    expect(state.latest.text).toBe('');
  });
});
