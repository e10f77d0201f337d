import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, test, vi } from 'vitest';
import type {
  BuildEvent,
  BuildRequestInput,
  BuildResult,
  Diagnostic,
} from '../../../src-main/contract/builds-api.ts';
import type { OutlineStage } from '../../../src-main/contract/dockerfiles-api.ts';
import { EngineError } from '../../../src-main/contract/errors.ts';
import type { CallOptions } from '../../../src-main/contract/method.ts';
import { buildRecord } from '../support/build-record.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { digestOf } from '../support/image-row.ts';
import { textOf } from '../support/text-of.ts';
import { openTestWindow } from '../support/test-window.ts';

const LOCATION = { file: 'Dockerfile', line: 2, column: 1, endLine: 2, endColumn: 9 };
const STEP = {
  id: '0',
  stage: '0',
  position: 1,
  total: 1,
  instruction: 'RUN make',
  keyword: 'RUN',
  location: LOCATION,
};
const AT = '2026-11-24T00:00:00Z';
const RESULT: BuildResult = {
  imageId: digestOf('e'),
  digest: digestOf('f'),
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  platform: { os: 'linux', architecture: 'amd64' },
  tags: ['shop:latest'],
  moved: [],
  bases: [],
  sizeBytes: 10,
  durationMs: 900,
  steps: { ran: 1, cached: 0 },
};

const CASING: Diagnostic = {
  severity: 'warning',
  rule: 'ConsistentInstructionCasing',
  message: 'Command run should be upper case',
  location: { ...LOCATION, endColumn: 4 },
  instructionLine: 2,
  fixes: [{ title: 'Write RUN', edits: [{ location: { ...LOCATION, endColumn: 4 }, text: 'RUN' }] }],
};
const OUTLINE: OutlineStage[] = [
  {
    index: 0,
    name: 'web',
    base: 'scratch',
    location: { ...LOCATION, line: 1 },
    selection: { ...LOCATION, line: 1, endLine: 1, column: 6, endColumn: 13 },
    needed: false,
    instructions: [{ keyword: 'RUN', detail: 'make', location: LOCATION }],
  },
];

type Run = (request: BuildRequestInput, options?: CallOptions<BuildEvent>) => Promise<BuildResult>;

async function openShop(run: Run, diagnostics: Diagnostic[] = []) {
  const app = openTestWindow(
    fakeEngine({
      builds: {
        run,
        check: () =>
          Promise.resolve({
            diagnostics,
            stages: [{ index: 0, name: 'web', location: LOCATION }],
            buildArgs: [{ name: 'VERSION', default: '1' }],
          }),
      },
      dockerfiles: {
        structure: () => Promise.resolve({ outline: OUTLINE, folds: [], tokens: [] }),
        hover: () => Promise.resolve(null),
        symbol: () => Promise.resolve(null),
      },
      contexts: {
        recent: () => Promise.resolve([]),
        samples: () => Promise.resolve([]),
        remember: () => Promise.resolve({}),
        inspect: ({ path }) =>
          path.endsWith('.txt')
            ? Promise.reject(new EngineError('INVALID_INPUT', `${path} is not a folder`))
            : Promise.resolve({
                path,
                name: 'Shop',
                dockerfiles: ['Dockerfile'],
                ignoreFile: '.dockerignore',
                files: 3,
                bytes: 1500,
                ignored: { entries: 1, bytes: 0, paths: ['.git'] },
                largest: [],
                refused: [],
              }),
        readDockerfile: () =>
          Promise.resolve({
            text: 'FROM scratch\nrun make\n',
            file: '/src/Shop/Dockerfile',
            modifiedAt: '1',
          }),
      },
    }),
  );
  await app.openFolder('/src/Shop');
  await screen.findByRole('textbox', { name: 'Dockerfile' });
  return app;
}

describe('the Build screen', () => {
  test('shows a folder: its Dockerfile, what a build would see of it, and a name for the image', async () => {
    await openShop(() => Promise.resolve(RESULT));
    expect(textOf(screen.getByRole('textbox', { name: 'Dockerfile' }))).toContain('FROM scratchrun make');
    const context = screen.getByRole('region', { name: 'Context' });
    expect(screen.getByText('3 files')).toBeTruthy();
    expect(screen.getByText('1.5 kB')).toBeTruthy();
    expect(textOf(context)).toContain('1 entry left out by .dockerignore');
    expect(screen.getByRole('textbox', { name: 'Tag' })).toHaveProperty('value', 'shop:latest');
  });

  test('asks for the build that its fields describe and shows its log and its digest', async () => {
    const run = vi.fn<Run>((_request, options) => {
      options?.onProgress?.({ type: 'plan', steps: [STEP] });
      options?.onProgress?.({ type: 'step-start', step: '0', at: AT });
      options?.onProgress?.({
        type: 'step-output',
        step: '0',
        stream: 'stdout',
        text: '\u001b[32mcompiled\u001b[0m\n',
      });
      options?.onProgress?.({ type: 'step-end', step: '0', at: AT, outcome: 'ran', durationMs: 900 });
      return Promise.resolve(RESULT);
    });
    await openShop(run);
    await fireEvent.input(screen.getByRole('textbox', { name: 'Tag' }), {
      target: { value: 'shop:2 shop:latest' },
    });
    await fireEvent.change(screen.getByRole('combobox', { name: 'Target' }), { target: { value: 'web' } });
    await fireEvent.input(screen.getByRole('textbox', { name: 'VERSION' }), { target: { value: '7' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Build' }));
    const log = await screen.findByRole('region', { name: 'Build log' });
    await waitFor(() => expect(textOf(log)).toContain('compiled'));
    expect(textOf(screen.getByRole('status', { name: 'Result' }))).toContain('ffffffffffff');
    expect(run.mock.calls[0]?.[0]).toMatchObject({
      context: '/src/Shop',
      tags: ['shop:2', 'shop:latest'],
      target: 'web',
      buildArgs: { VERSION: '7' },
      noCache: false,
    });
  });

  test('stops a build when told to', async () => {
    const run: Run = (_request, options) =>
      new Promise((_resolve, reject) =>
        options?.signal?.addEventListener('abort', () => reject(new EngineError('CANCELLED', 'cancelled'))),
      );
    await openShop(run);
    expect(screen.getByRole('button', { name: 'Cancel' })).toHaveProperty('disabled', true);
    await fireEvent.keyDown(document.body, { key: 'b', ctrlKey: true });
    expect(screen.getByRole('button', { name: 'Build' })).toHaveProperty('disabled', true);
    await fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    await waitFor(() =>
      expect(textOf(screen.getByRole('status', { name: 'Result' }))).toContain('Cancelled'),
    );
    expect(screen.getByRole('button', { name: 'Build' })).toHaveProperty('disabled', false);
  });

  test('says what failed, where, and what can be done', async () => {
    await openShop(() =>
      Promise.reject(
        new EngineError('BUILD_FAILED', 'RUN make ended with exit code 2', {
          hint: 'See its last lines.',
          location: LOCATION,
        }),
      ),
    );
    await fireEvent.click(screen.getByRole('button', { name: 'Build' }));
    const alert = await screen.findByRole('alert');
    expect(textOf(alert)).toContain('RUN make ended with exit code 2');
    expect(textOf(alert)).toContain('See its last lines.');
    expect(within(alert).getByRole('button', { name: 'Dockerfile:2:1' })).toBeTruthy();
  });

  test('keeps what is open when something else is dropped that is no folder', async () => {
    const app = await openShop(() => Promise.resolve(RESULT));
    expect(await app.build.open('/src/notes.txt')).toBe(false);
    expect(textOf(await screen.findByRole('alert'))).toContain('/src/notes.txt is not a folder');
    expect(screen.getByRole('textbox', { name: 'Dockerfile' })).toBeTruthy();
  });

  test('shows where a build failed in the editor, and the note leads there', async () => {
    const location = { ...LOCATION, column: 5, file: '/src/Shop/Dockerfile' };
    const app = await openShop(() =>
      Promise.reject(
        new EngineError('DOCKERFILE', 'unknown flag', { hint: 'Did you mean --mount?', location }),
      ),
    );
    await fireEvent.click(screen.getByRole('button', { name: 'Build' }));
    const alert = await screen.findByRole('alert');
    expect(await screen.findByRole('button', { name: '1 error' })).toBeTruthy();
    await fireEvent.click(within(alert).getByRole('button', { name: 'Dockerfile:2:5' }));
    expect(app.build.document?.cursor).toEqual({ line: 2, column: 5 });
    const card = await screen.findByRole('region', { name: 'Explanation' });
    expect(textOf(card)).toBe('Error: unknown flag Did you mean --mount?');
  });

  test('lists the problems, leads to each and mends it', async () => {
    const app = await openShop(() => Promise.resolve(RESULT), [CASING]);
    await fireEvent.click(screen.getByRole('button', { name: '1 warning' }));
    expect(textOf(screen.getByRole('tab', { selected: true }))).toBe('Problems 1');
    const problems = screen.getByRole('region', { name: 'Problems' });
    await fireEvent.click(within(problems).getByRole('button', { name: /Warning 2:1 Command run/ }));
    expect(app.build.document?.cursor).toEqual({ line: 2, column: 1 });
    await fireEvent.click(within(problems).getByRole('button', { name: 'Fix: Write RUN' }));
    expect(app.build.document?.text).toBe('FROM scratch\nRUN make\n');
  });

  test('shows the stages in an outline that leads to them and says where the cursor is', async () => {
    const app = await openShop(() => Promise.resolve(RESULT));
    await fireEvent.keyDown(document.body, { key: 'O', ctrlKey: true, shiftKey: true });
    const outline = screen.getByRole('region', { name: 'Outline' });
    const [stage, run] = within(outline).getAllByRole('button');
    expect([stage, run].map((row) => row && textOf(row))).toEqual(['web scratch not needed 1', 'RUN make 2']);
    if (run === undefined) throw new Error('the outline shows no instruction');
    await fireEvent.click(run);
    expect(app.build.document?.cursor).toEqual({ line: 2, column: 1 });
    await waitFor(() => expect(run.getAttribute('aria-current')).toBe('location'));
    await fireEvent.keyDown(run, { key: 'Home' });
    expect(document.activeElement).toBe(stage);
  });

  test('runs the editor’s commands from the palette', async () => {
    const app = await openShop(() => Promise.resolve(RESULT), [CASING]);
    await fireEvent.keyDown(document.body, { key: 'k', ctrlKey: true });
    await fireEvent.click(await screen.findByRole('option', { name: /Next problem/ }));
    await waitFor(() => expect(app.build.document?.cursor).toEqual({ line: 2, column: 1 }));
    expect(await screen.findByRole('region', { name: 'Explanation' })).toBeTruthy();
  });

  test('keeps the editor in reach when another Dockerfile is chosen', async () => {
    const app = await openShop(() => Promise.resolve(RESULT), [CASING]);
    const first = app.build.editor;
    await app.build.chooseDockerfile('Dockerfile.test');
    await waitFor(() => expect(app.build.editor).not.toBe(first));
    app.build.showLine(2);
    expect(app.build.document?.cursor).toEqual({ line: 2, column: 1 });
  });

  test('keeps edits that are not saved for when their file is opened again', async () => {
    const app = await openShop(() => Promise.resolve(RESULT));
    const textIn = () => app.build.document?.text;
    app.build.document?.setText('FROM scratch\nRUN edited\n');
    await app.build.chooseDockerfile('Dockerfile.test');
    expect(textIn()).toBe('FROM scratch\nrun make\n');
    await app.openFolder('/src/Other');
    await app.openFolder('/src/Shop');
    expect([textIn(), app.build.document?.edited]).toEqual(['FROM scratch\nRUN edited\n', true]);
    app.build.document?.setText('FROM scratch\nrun make\n');
    await app.openFolder('/src/Other');
    await app.openFolder('/src/Shop');
    expect([textIn(), app.build.document?.edited]).toEqual(['FROM scratch\nrun make\n', false]);
  });

  test('rebuilds what was built, not what the editor holds beside it', async () => {
    const run = vi.fn<Run>(() => Promise.resolve(RESULT));
    const app = await openShop(run);
    const text = 'FROM scratch\nrun make\n';
    const { request } = buildRecord();
    const record = buildRecord({
      request: { ...request, context: '/src/Shop' },
      dockerfile: { path: '/src/Shop/Dockerfile', file: 'Dockerfile', text },
    });
    app.build.document?.setText('FROM scratch\nRUN edited\n');
    app.builds.select(record.id);
    if (app.builds.detail !== undefined) app.builds.detail.record = record;
    await app.rebuild();
    expect(run.mock.calls.map(([{ dockerfile, dockerfileText }]) => [dockerfile, dockerfileText])).toEqual([
      ['/src/Shop/Dockerfile', undefined],
    ]);
    expect(app.build.document?.text).toBe(text);
  });
});
