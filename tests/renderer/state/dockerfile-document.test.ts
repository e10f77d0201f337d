import { describe, expect, test, vi } from 'vitest';
import type { Diagnostic } from '../../../src-main/contract/builds-api.ts';
import { EngineError } from '../../../src-main/contract/errors.ts';
import { DockerfileDocument } from '../../../src-renderer/state/dockerfile-document.svelte.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { location } from '../support/location.ts';

const WARNING: Diagnostic = {
  severity: 'warning',
  message: 'casing',
  location: location(3, 1, 4),
  instructionLine: 3,
};
const FAILURE = {
  code: 'DOCKERFILE',
  message: 'no stage “bild”',
  hint: 'Did you mean build?',
  location: { ...location(2, 13, 17), file: '/p/Dockerfile' },
} as const;
const SHOWN = {
  severity: 'error',
  message: FAILURE.message,
  hint: FAILURE.hint,
  location: FAILURE.location,
  instructionLine: 2,
};
const BUILT = 'FROM scratch\nCOPY --from=bild / /\nrun x\n';

/** A document whose text is what was built, and which the engine has one thing to say about. */
async function openBuilt(diagnostics: Diagnostic[] = [WARNING]) {
  const check = () => Promise.resolve({ diagnostics, stages: [], buildArgs: [] });
  const document = new DockerfileDocument(fakeEngine({ builds: { check } }).api, '/p', 'Dockerfile');
  document.setText(BUILT);
  await document.check();
  return document;
}

async function openDocument() {
  const readDockerfile = vi.fn(() =>
    Promise.resolve({ text: 'FROM scratch\n', file: '/p/Dockerfile', modifiedAt: '1' }),
  );
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
    contexts: { readDockerfile, writeDockerfile },
  });
  const document = new DockerfileDocument(engine.api, '/p', 'Dockerfile');
  await document.load();
  return { document, readDockerfile, writeDockerfile, check };
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

  test('takes what another program wrote, but never over edits', async () => {
    const { document, readDockerfile } = await openDocument();
    const other = { text: 'FROM other\r\n', file: '/p/Dockerfile', modifiedAt: '2' };
    readDockerfile.mockResolvedValue(other);
    await document.follow();
    expect([document.text, document.edited, document.fileText]).toEqual([
      'FROM other\n',
      false,
      'FROM other\r\n',
    ]);
    document.setText('FROM mine\n');
    readDockerfile.mockResolvedValue({ ...other, text: 'FROM third\n', modifiedAt: '3' });
    await document.follow();
    expect(document.text).toBe('FROM mine\n');
  });

  test('keeps its text when the file is gone', async () => {
    const { document, readDockerfile } = await openDocument();
    readDockerfile.mockRejectedValue(new EngineError('NOT_FOUND', 'no Dockerfile'));
    await document.follow();
    expect([document.text, document.failure]).toEqual(['FROM scratch\n', undefined]);
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

  test('is looked at anew once a lost engine is back', async () => {
    const { document, check } = await openDocument();
    check.mockRejectedValueOnce(new EngineError('DISCONNECTED', 'The engine is gone'));
    await document.check();
    expect(document.failure?.message).toBe('The engine is gone');
    await document.recheck();
    expect(document.failure).toBeUndefined();
    document.close();
  });

  test('keeps the line ends of its file', async () => {
    const writeDockerfile = vi.fn(() => Promise.resolve({ modifiedAt: '2' }));
    const engine = fakeEngine({
      contexts: {
        readDockerfile: () =>
          Promise.resolve({ text: 'FROM a\r\nRUN b\r\n', file: '/p/Dockerfile', modifiedAt: '1' }),
        writeDockerfile,
      },
    });
    const document = new DockerfileDocument(engine.api, '/p', 'Dockerfile');
    await document.load();
    expect([document.text, document.edited]).toEqual(['FROM a\nRUN b\n', false]);
    document.setText('FROM a\nRUN c\n');
    await document.save();
    expect(writeDockerfile.mock.lastCall).toEqual([
      { path: '/p', dockerfile: 'Dockerfile', text: 'FROM a\r\nRUN c\r\n', modifiedAt: '1' },
    ]);
    document.close();
  });
});

describe('the problems of a Dockerfile', () => {
  test('are what the checks found and where the build failed, in the order of the file', async () => {
    const document = await openBuilt();
    document.showBuildFailure(FAILURE, BUILT);
    expect(document.problems).toEqual([SHOWN, WARNING]);
    document.close();
  });

  test('keep the failure of the build until its place is edited', async () => {
    const document = await openBuilt([]);
    document.showBuildFailure(FAILURE, BUILT);
    document.setText(`# above\n${BUILT}`);
    await document.check();
    expect(document.problems.map((problem) => problem.location.line)).toEqual([3]);
    document.setText(`# above\n${BUILT.replace('bild', 'build')}`);
    await document.check();
    expect(document.problems).toEqual([]);
    document.close();
  });

  test('show a failure where edits during the build have moved it', async () => {
    const document = await openBuilt([]);
    document.setText(`\n\n${BUILT}`);
    await document.check();
    document.showBuildFailure(FAILURE, BUILT);
    expect(document.problems.map((problem) => problem.location.line)).toEqual([4]);
    document.close();
  });

  test('say the same thing about the same line once', async () => {
    const found: Diagnostic = {
      ...WARNING,
      severity: 'error',
      message: FAILURE.message,
      location: location(2, 1, 5),
    };
    const document = await openBuilt([found]);
    document.showBuildFailure(FAILURE, BUILT);
    expect(document.problems).toEqual([found]);
    document.close();
  });

  test('are none of another file’s, and none of a build that ended well', async () => {
    const document = await openBuilt([]);
    document.showBuildFailure({ ...FAILURE, location: { ...FAILURE.location, file: '/p/Other' } }, BUILT);
    expect(document.problems).toEqual([]);
    document.showBuildFailure(FAILURE, BUILT);
    document.showBuildFailure(undefined, BUILT);
    expect(document.problems).toEqual([]);
    document.close();
  });

  test('follow one another round the end', async () => {
    const document = await openBuilt();
    document.showBuildFailure(FAILURE, BUILT);
    const after = [location(1, 1), FAILURE.location, WARNING.location].map((at) => document.problemAfter(at));
    const before = [location(1, 1), WARNING.location].map((at) => document.problemBefore(at));
    expect([after, before]).toEqual([
      [SHOWN, WARNING, SHOWN],
      [WARNING, SHOWN],
    ]);
    document.close();
  });
});
