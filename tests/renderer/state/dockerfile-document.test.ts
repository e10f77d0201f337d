import { describe, expect, test, vi } from 'vitest';
import { EngineError } from '../../../src-main/contract/errors.ts';
import { DockerfileDocument } from '../../../src-renderer/state/dockerfile-document.svelte.ts';
import { fakeEngine } from '../support/fake-engine.ts';

async function openDocument() {
  const writeDockerfile = vi.fn(() => Promise.resolve({ modifiedAt: '2' }));
  const check = vi.fn(({ text }: { text: string }) =>
    Promise.resolve({
      diagnostics: [],
      stages: [
        { index: 0, name: text, location: { file: '', line: 1, column: 1, endLine: 1, endColumn: 1 } },
      ],
      buildArgs: [],
    }),
  );
  const engine = fakeEngine({
    builds: { check },
    contexts: {
      readDockerfile: () =>
        Promise.resolve({ text: 'FROM scratch\n', file: '/p/Dockerfile', modifiedAt: '1' }),
      writeDockerfile,
    },
  });
  const document = new DockerfileDocument(engine.api, '/p', 'Dockerfile');
  await document.load();
  return { document, writeDockerfile, check };
}

describe('the Dockerfile in the editor', () => {
  test('is unchanged after it was read, and checked', async () => {
    const { document } = await openDocument();
    expect([document.text, document.edited, document.stages[0]?.name]).toEqual([
      'FROM scratch\n',
      false,
      'FROM scratch\n',
    ]);
  });

  test('is saved against what was on disk when it was read', async () => {
    const { document, writeDockerfile } = await openDocument();
    document.setText('FROM a');
    expect(document.edited).toBe(true);
    expect(await document.save()).toBe(true);
    expect(document.edited).toBe(false);
    expect(writeDockerfile.mock.calls).toEqual([
      [{ path: '/p', dockerfile: 'Dockerfile', text: 'FROM a', modifiedAt: '1' }],
    ]);
  });

  test('is not written over a file that changed, until told to', async () => {
    const { document, writeDockerfile } = await openDocument();
    writeDockerfile.mockRejectedValueOnce(new EngineError('CONFLICT', 'Dockerfile changed on disk'));
    document.setText('FROM mine');
    expect(await document.save()).toBe(false);
    expect([document.conflict, document.edited, document.failure]).toEqual([true, true, undefined]);
    expect(await document.save({ overwrite: true })).toBe(true);
    expect(writeDockerfile.mock.lastCall).toEqual([
      { path: '/p', dockerfile: 'Dockerfile', text: 'FROM mine' },
    ]);
    expect(document.conflict).toBe(false);
  });

  test('shows the newest check, whichever answer comes last', async () => {
    const { document, check } = await openDocument();
    let answerOld = (): void => undefined;
    check.mockImplementationOnce(
      ({ text }) =>
        new Promise((resolve) => {
          answerOld = () =>
            resolve({
              diagnostics: [],
              stages: [
                {
                  index: 0,
                  name: text,
                  location: { file: '', line: 1, column: 1, endLine: 1, endColumn: 1 },
                },
              ],
              buildArgs: [],
            });
        }),
    );
    document.setText('old');
    const old = document.check();
    document.setText('new');
    await document.check();
    answerOld();
    await old;
    expect(document.stages[0]?.name).toBe('new');
  });
});
