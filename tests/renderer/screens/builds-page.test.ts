import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, test, vi } from 'vitest';
import type { BuildRecord, BuildSummary } from '../../../src-main/contract/build-records-api.ts';
import { EngineError } from '../../../src-main/contract/errors.ts';
import type { EngineApi } from '../../../src-main/contract/engine-api.ts';
import type { Digest } from '../../../src-main/contract/oci-types.ts';
import { BuildRun } from '../../../src-renderer/state/build-run.svelte.ts';
import { buildRecord, buildSummary, recordedStep } from '../support/build-record.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { openTestWindow } from '../support/test-window.ts';
import { textOf } from '../support/text-of.ts';

type Log = Awaited<ReturnType<EngineApi['buildRecords']['log']>>;

const [OLD, NEW] = ['0000000000000001', '0000000000000002'];

const [BEFORE, AFTER] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`] as [Digest, Digest];

function setUp(given: readonly BuildSummary[], record: Partial<BuildRecord> = {}) {
  let shown = [...given];
  const buildRecords = {
    list: vi.fn(() => Promise.resolve({ builds: shown, more: false })),
    get: vi.fn(({ id }: { id: string }) => Promise.resolve(buildRecord({ id, ...record }))),
    log: vi.fn((): Promise<Log> => Promise.resolve({ events: [], next: 0, isComplete: true })),
    remove: vi.fn(({ ids }: { ids: readonly string[] }) => {
      shown = shown.filter(({ id }) => !ids.includes(id));
      return Promise.resolve({});
    }),
    compare: () =>
      Promise.resolve({
        a: buildSummary({ id: OLD, digest: BEFORE }),
        b: buildSummary({ id: NEW, digest: AFTER }),
        inputs: [
          { name: 'Argument V', before: '1', after: '2' },
          { name: 'Network', before: 'host', after: 'host' },
        ],
        dockerfile: [{ text: 'FROM scratch', before: 1, after: 1 }],
        steps: [
          {
            stage: '0',
            instruction: 'COPY a /',
            before: recordedStep({ outcome: 'cached' }),
            after: recordedStep({ outcome: 'ran', reason: { kind: 'file', text: 'a changed' } }),
          },
        ],
      }),
  };
  const files = {
    compare: vi.fn(() =>
      Promise.resolve(
        Array.from({ length: 60 }, (_, at) => ({
          path: `/a/${at}`,
          change: 'modified' as const,
          type: 'file' as const,
          sizeBytes: 1000,
        })),
      ),
    ),
  };
  const engine = fakeEngine({ buildRecords, files });
  const app = openTestWindow(engine);
  app.show('builds');
  return {
    app,
    engine,
    buildRecords,
    files,
    show: (builds: readonly BuildSummary[]) => (shown = [...builds]),
  };
}

const two = [
  buildSummary({ id: NEW, name: 'app:2' }),
  buildSummary({ id: OLD, status: 'failed', failure: 'no' }),
];

async function options(): Promise<readonly HTMLElement[]> {
  return within(await screen.findByRole('listbox', { name: 'Builds' })).findAllByRole('option');
}

describe('the list of builds', () => {
  test('says what will be there while there is none', async () => {
    setUp([]);
    expect(await screen.findByText('No build yet')).toBeTruthy();
  });

  test('says why it cannot be read, and tries again', async () => {
    const { buildRecords } = setUp(two);
    await options();
    buildRecords.list.mockRejectedValueOnce(new EngineError('IO', 'the disk reported an error'));
    await fireEvent.click(screen.getByRole('radio', { name: 'Failed' }));
    expect(await screen.findByText('the disk reported an error')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(screen.queryByText('the disk reported an error')).toBeNull());
  });

  test('is walked by the arrow keys, and Delete removes a record', async () => {
    const { buildRecords, app } = setUp(two);
    await options();
    const list = screen.getByRole('listbox', { name: 'Builds' });
    await fireEvent.keyDown(list, { key: 'ArrowDown' });
    await fireEvent.keyDown(list, { key: 'ArrowDown' });
    expect(app.builds.selectedId).toBe(OLD);
    await fireEvent.keyDown(list, { key: 'Delete' });
    await waitFor(() => expect(app.builds.selectedId).toBe(NEW));
    expect(await options()).toHaveLength(1);
    expect(buildRecords.remove).not.toHaveBeenCalled();
    await fireEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
    expect(buildRecords.remove).toHaveBeenCalledWith({ ids: [OLD] });
  });

  test('is gone into from the search by the arrow key', async () => {
    const { app } = setUp(two);
    await options();
    await fireEvent.keyDown(screen.getByRole('searchbox', { name: 'Search builds' }), { key: 'ArrowDown' });
    expect(document.activeElement).toBe(screen.getByRole('listbox', { name: 'Builds' }));
    expect(app.builds.selectedId).toBe(NEW);
  });

  test('takes a removed record back in its place, chosen', async () => {
    const { buildRecords, app } = setUp(two);
    await options();
    app.showBuild(NEW);
    await fireEvent.click(await screen.findByRole('button', { name: 'Remove the record' }));
    expect(await options()).toHaveLength(1);
    await fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    await waitFor(async () => expect(await options()).toHaveLength(2));
    expect(app.builds.selectedId).toBe(NEW);
    expect(buildRecords.remove).not.toHaveBeenCalled();
  });

  test('shows what another process builds as soon as the engine tells', async () => {
    const { engine, show } = setUp([two[1] as BuildSummary]);
    expect(await options()).toHaveLength(1);
    show(two);
    engine.tell('buildRecordsChanged', {});
    await waitFor(async () => expect(await options()).toHaveLength(2));
  });
});

describe('a build whose folder is gone', () => {
  const error = {
    code: 'BUILD_FAILED' as const,
    message: 'no such file',
    location: { file: 'Dockerfile', line: 2, column: 1, endLine: 2, endColumn: 5 },
  };

  test('says so where it is, and shows the failing line in the Dockerfile as it was', async () => {
    const { app } = setUp(two, { status: 'failed', error });
    app.showBuild(OLD);
    await fireEvent.click(await screen.findByRole('button', { name: 'Dockerfile:2:1' }));
    expect(await screen.findByText(/Its Dockerfile and its log are kept here/)).toBeTruthy();
    expect([app.screen, app.builds.tab]).toEqual(['builds', 'dockerfile']);
  });

  test('is not rebuilt, and says so where it is', async () => {
    const { app } = setUp(two);
    app.showBuild(NEW);
    await waitFor(() => expect(app.builds.detail?.record).toBeTruthy());
    await app.rebuildAs(buildRecord(), 'recorded');
    expect(await screen.findByText(/Its Dockerfile and its log are kept here/)).toBeTruthy();
    expect([app.screen, app.build.run]).toEqual(['builds', undefined]);
  });
});

describe('the chosen build', () => {
  test('has a timeline that the arrow keys walk, telling each step', async () => {
    const { app } = setUp(two, {
      steps: [
        recordedStep({ instruction: 'RUN one', keyword: 'RUN', startMs: 10, endMs: 900, outcome: 'ran' }),
        recordedStep({ id: '0.2', instruction: 'COPY two /', startMs: 900, endMs: 900, outcome: 'cached' }),
      ],
    });
    app.showBuild(NEW);
    const first = await screen.findByRole('button', { name: 'RUN one, ran, 890 ms from 10 ms to 900 ms' });
    first.focus();
    await fireEvent.keyDown(first, { key: 'ArrowDown' });
    const chosen = screen.getByRole('status', { name: 'Chosen step' });
    await waitFor(() => expect(textOf(chosen)).toBe('COPY two / cached from 900 ms to 900 ms'));
  });

  test('is not rebuilt when it was not built from a folder', async () => {
    const { request } = buildRecord();
    const { app } = setUp(two, {
      context: 'https://host/a.git',
      request: { ...request, contextKind: 'fetched' },
    });
    app.showBuild(NEW);
    const button = await screen.findByRole('button', { name: 'Rebuild' });
    await waitFor(() =>
      expect(button.title).toBe('It was built from https://host/a.git, which is no folder'),
    );
    expect(button).toHaveProperty('disabled', true);
  });

  test('is put beside another one by a click with the main modifier', async () => {
    const { app } = setUp(two);
    app.showBuild(NEW);
    const [, other] = await options();
    await fireEvent.click(other as HTMLElement, { ctrlKey: true });
    const inputs = await screen.findByRole('table', { name: 'Inputs' });
    const rows = () =>
      within(inputs)
        .getAllByRole('row')
        .map((row) => [...row.children].map(textOf));
    expect(rows()).toEqual([['Argument V', '1', '2']]);
    await fireEvent.click(screen.getByRole('button', { name: 'Show 1 input that is the same' }));
    expect(rows()).toEqual([
      ['Argument V', '1', '2'],
      ['Network', 'host', 'host'],
    ]);
  });

  test('is compared step by step with the reason, and file by file', async () => {
    const { app, files } = setUp(two);
    app.showBuild(NEW);
    await app.builds.compareWith(OLD);
    const steps = await screen.findByRole('table', { name: 'Steps' });
    expect(textOf(steps)).toContain('stage 0 COPY a / a changedcachedran');
    expect(files.compare).toHaveBeenCalledWith({ from: BEFORE, to: AFTER }, expect.anything());
    const list = await screen.findByRole('list', { name: 'Files that differ' });
    expect(screen.getByText('60 modified')).toBeTruthy();
    expect(within(list).getAllByRole('listitem')).toHaveLength(50);
    await fireEvent.click(screen.getByRole('button', { name: 'Show all 60' }));
    expect(within(list).getAllByRole('listitem').map(textOf).at(-1)).toBe('~ modified /a/59 1.0 kB');
  });

  test('says why the files cannot be compared', async () => {
    const { app, files } = setUp(two);
    files.compare.mockRejectedValueOnce(new EngineError('NOT_FOUND', 'there is no image sha256:aaaa'));
    app.showBuild(NEW);
    await app.builds.compareWith(OLD);
    expect(await screen.findByText('there is no image sha256:aaaa')).toBeTruthy();
  });

  test('cannot be rebuilt while another build runs in this window', async () => {
    const { app } = setUp(two);
    app.showBuild(NEW);
    const button = await screen.findByRole('button', { name: 'Rebuild' });
    await waitFor(() => expect(button).toHaveProperty('disabled', false));
    app.build.run = new BuildRun();
    await waitFor(() => expect(button.title).toBe('Another build runs in this window'));
    expect(button).toHaveProperty('disabled', true);
  });

  test('tells a failed program’s last words without their colours, and opens a shell where it failed', async () => {
    const failed = {
      status: 'failed' as const,
      error: {
        code: 'BUILD_FAILED' as const,
        message: 'exit code 4',
        hint: 'Its last lines:\n\u001b[31mno\u001b[0m',
      },
    };
    const { app, buildRecords } = setUp(two, failed);
    const events = [
      { atMs: 1, event: { type: 'plan' as const, steps: [recordedStep()] } },
      { atMs: 2, event: { type: 'failed-root' as const, step: '0.1', image: AFTER } },
    ];
    buildRecords.log.mockResolvedValueOnce({ events, next: 1, isComplete: true });
    app.showBuild(OLD);
    expect(await screen.findByText('Its last lines: no')).toBeTruthy();
    await fireEvent.click(await screen.findByRole('button', { name: 'Open shell' }));
    expect(app.builds.shell?.session.image).toBe(AFTER);
  });
});
