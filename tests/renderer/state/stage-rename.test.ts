import { describe, expect, test, vi } from 'vitest';
import { EngineError } from '../../../src-main/contract/errors.ts';
import { DockerfileQuestions } from '../../../src-renderer/state/dockerfile-questions.ts';
import { StageRename } from '../../../src-renderer/state/stage-rename.svelte.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { location } from '../support/location.ts';

const BUILD = {
  kind: 'stage',
  name: 'build',
  location: location(1, 11, 16),
  definition: location(1, 11, 16),
  mentions: [location(1, 11, 16), location(3, 13, 18)],
  canRename: true,
} as const;
const EDITS = BUILD.mentions.map((place) => ({ location: place, text: 'make' }));

function startRename() {
  const rename = vi.fn(() => Promise.resolve({ edits: EDITS }));
  const engine = fakeEngine({ dockerfiles: { rename } });
  const questions = new DockerfileQuestions(engine.api, () => ({ text: 'FROM a AS build' }));
  return { rename, state: new StageRename(questions, { ...BUILD, mentions: [...BUILD.mentions] }) };
}

describe('renaming a stage', () => {
  test('begins with its name and answers the edits of the engine', async () => {
    const { rename, state } = startRename();
    expect(state.name).toBe('build');
    state.setName(' make ');
    expect(await state.submit()).toEqual(EDITS);
    expect(rename.mock.calls).toEqual([
      [{ text: 'FROM a AS build', position: { line: 1, column: 11 }, name: 'make' }],
    ]);
  });

  test('asks nothing when the name stays', async () => {
    const { rename, state } = startRename();
    expect(await state.submit()).toEqual([]);
    expect(rename).not.toHaveBeenCalled();
  });

  test('says why a name was refused, until another is written', async () => {
    const { rename, state } = startRename();
    rename.mockRejectedValueOnce(new EngineError('CONFLICT', 'There is a stage base already'));
    state.setName('base');
    expect(await state.submit()).toBeUndefined();
    expect(state.refused).toBe('There is a stage base already');
    state.setName('base2');
    expect(state.refused).toBeUndefined();
  });
});
