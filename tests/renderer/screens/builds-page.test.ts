import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, test, vi } from 'vitest';
import type { BuildRecord, BuildSummary } from '../../../src-main/contract/build-records-api.ts';
import { EngineError } from '../../../src-main/contract/errors.ts';
import { buildRecord, buildSummary, recordedStep } from '../support/build-record.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { openTestWindow } from '../support/test-window.ts';
import { textOf } from '../support/text-of.ts';

const [OLD, NEW] = ['0000000000000001', '0000000000000002'];

function setUp(given: readonly BuildSummary[], record: Partial<BuildRecord> = {}) {
  let shown = [...given];
  const buildRecords = {
    list: vi.fn(() => Promise.resolve({ builds: shown, more: false })),
    get: vi.fn(({ id }: { id: string }) => Promise.resolve(buildRecord({ id, ...record }))),
    log: () => Promise.resolve({ events: [], next: 0, isComplete: true }),
    remove: vi.fn(({ ids }: { ids: readonly string[] }) => {
      shown = shown.filter(({ id }) => !ids.includes(id));
      return Promise.resolve({});
    }),
    compare: () =>
      Promise.resolve({
        a: buildSummary({ id: OLD }),
        b: buildSummary({ id: NEW }),
        inputs: [
          { name: 'Argument V', before: '1', after: '2' },
          { name: 'Network', before: 'host', after: 'host' },
        ],
        dockerfile: [{ text: 'FROM scratch', before: 1, after: 1 }],
        steps: [],
      }),
  };
  const engine = fakeEngine({ buildRecords });
  const app = openTestWindow(engine);
  app.show('builds');
  return { app, engine, buildRecords, show: (builds: readonly BuildSummary[]) => (shown = [...builds]) };
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
    expect(buildRecords.remove).toHaveBeenCalledWith({ ids: [OLD] });
  });

  test('shows what another process builds as soon as the engine tells', async () => {
    const { engine, show } = setUp([two[1] as BuildSummary]);
    expect(await options()).toHaveLength(1);
    show(two);
    engine.tell('buildRecordsChanged', {});
    await waitFor(async () => expect(await options()).toHaveLength(2));
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
});
