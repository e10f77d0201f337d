import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, test, vi } from 'vitest';
import type { EngineApi } from '../../../src-main/contract/engine-api.ts';
import { EngineError } from '../../../src-main/contract/errors.ts';
import type { ImageRow } from '../../../src-main/contract/images-api.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { digestOf, imageRow, tagEvent } from '../support/image-row.ts';
import { textOf } from '../support/text-of.ts';
import { openTestWindow } from '../support/test-window.ts';

function setUp(
  rows: readonly ImageRow[] = [
    imageRow('shop:2', { sizeBytes: 2 }),
    imageRow('base:1', { sizeBytes: 900, digest: digestOf('d') }),
  ],
  more: Partial<EngineApi['images']> = {},
) {
  let shown = [...rows];
  const images = {
    list: vi.fn(() => Promise.resolve(shown)),
    tagHistory: () => Promise.resolve([tagEvent(1, 'shop:2', { from: digestOf('c'), cause: 'build' })]),
    tag: vi.fn(({ target }: { target: string }) => {
      shown = [...shown, imageRow(target)];
      return Promise.resolve(tagEvent(7, target));
    }),
    rename: vi.fn(({ source, target }: { source: string; target: string }) =>
      Promise.resolve([tagEvent(8, target), tagEvent(9, source)]),
    ),
    untag: vi.fn(({ name }: { name: string }) => {
      shown = shown.filter((row) => row.name !== name);
      return Promise.resolve(tagEvent(10, name, { cause: 'untag' }));
    }),
    undo: vi.fn(({ name }: { name: string }) => Promise.resolve(tagEvent(11, name, { cause: 'undo' }))),
  };
  const app = openTestWindow(fakeEngine({ images: { ...images, ...more } }));
  app.show('images');
  return { images, app };
}

async function names(): Promise<readonly string[]> {
  const grid = await screen.findByRole('grid', { name: 'Images' });
  const rows = await waitFor(() => {
    const found = within(grid).getAllByRole('row').slice(1);
    expect(found.length).toBeGreaterThan(0);
    return found;
  });
  return rows.map((row) => within(row).getAllByRole('gridcell')[0]?.textContent.trim() ?? '');
}

async function row(name: string): Promise<HTMLElement> {
  await names();
  const found = screen.getAllByRole('row').find((candidate) => candidate.textContent.includes(name));
  if (found === undefined) throw new Error(`no row ${name}`);
  return found;
}

describe('the image list', () => {
  test('is searched and sorted', async () => {
    setUp();
    expect(await names()).toEqual(['base:1', 'shop:2']);
    await fireEvent.click(screen.getByRole('button', { name: 'Size' }));
    expect(screen.getByRole('columnheader', { name: 'Size' }).getAttribute('aria-sort')).toBe('descending');
    await fireEvent.click(screen.getByRole('button', { name: 'Size' }));
    expect(await names()).toEqual(['shop:2', 'base:1']);
    await fireEvent.input(screen.getByRole('searchbox', { name: 'Search images' }), {
      target: { value: 'dddd' },
    });
    expect(await names()).toEqual(['base:1']);
  });

  test('moves its choice with the arrow keys and shows the tag history', async () => {
    setUp();
    await names();
    const grid = screen.getByRole('grid', { name: 'Images' });
    await fireEvent.keyDown(grid, { key: 'ArrowDown' });
    await fireEvent.keyDown(grid, { key: 'ArrowDown' });
    expect((await row('shop:2')).getAttribute('aria-selected')).toBe('true');
    expect(textOf(await screen.findByRole('list', { name: 'Tag history' }))).toContain('Built');
  });

  test('gives an image one more tag, and takes it back', async () => {
    const { images } = setUp();
    await fireEvent.click(await row('shop:2'));
    await fireEvent.click(screen.getByRole('button', { name: 'Tag…' }));
    await fireEvent.input(await screen.findByRole('textbox', { name: 'New name' }), {
      target: { value: 'shop:prod' },
    });
    await fireEvent.click(screen.getByRole('button', { name: 'Add tag' }));
    await waitFor(async () => expect(await names()).toContain('shop:prod'));
    expect(images.tag.mock.calls).toEqual([[{ source: 'shop:2', target: 'shop:prod' }]]);
    await fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(images.undo.mock.calls).toEqual([[{ name: 'shop:prod', event: 7 }]]));
  });

  test('keeps the dialog open and says why when a name is refused', async () => {
    const { images } = setUp();
    images.tag.mockRejectedValueOnce(
      new EngineError('INVALID_INPUT', 'Shop is not a name.', { hint: 'Use lower case.' }),
    );
    await fireEvent.click(await row('shop:2'));
    await fireEvent.click(screen.getByRole('button', { name: 'Tag…' }));
    await fireEvent.input(await screen.findByRole('textbox', { name: 'New name' }), {
      target: { value: 'Shop' },
    });
    await fireEvent.click(screen.getByRole('button', { name: 'Add tag' }));
    expect(await screen.findByText(/Shop is not a name\. Use lower case\./)).toBeTruthy();
  });

  test('renames a tag in place, or gives up with Escape', async () => {
    const { images } = setUp();
    await fireEvent.click(await row('shop:2'));
    const grid = screen.getByRole('grid', { name: 'Images' });
    await fireEvent.keyDown(grid, { key: 'F2' });
    await fireEvent.keyDown(await screen.findByRole('textbox', { name: 'Rename shop:2' }), { key: 'Escape' });
    await fireEvent.keyDown(grid, { key: 'F2' });
    const field = await screen.findByRole('textbox', { name: 'Rename shop:2' });
    await fireEvent.input(field, { target: { value: 'shop:3' } });
    await fireEvent.keyDown(field, { key: 'Enter' });
    await waitFor(() => expect(images.rename.mock.calls).toEqual([[{ source: 'shop:2', target: 'shop:3' }]]));
  });

  test('undoes a removed tag from the keyboard, but not while typing', async () => {
    const { images } = setUp();
    await fireEvent.click(await row('shop:2'));
    await fireEvent.click(screen.getByRole('button', { name: 'Remove tag' }));
    await waitFor(async () => expect(await names()).toEqual(['base:1']));
    await fireEvent.keyDown(screen.getByRole('searchbox', { name: 'Search images' }), {
      key: 'z',
      ctrlKey: true,
    });
    expect(images.undo).not.toHaveBeenCalled();
    await fireEvent.keyDown(document.body, { key: 'z', ctrlKey: true });
    await waitFor(() => expect(images.undo.mock.calls).toEqual([[{ name: 'shop:2', event: 10 }]]));
  });

  test('says what to do when there is none, and when the engine does not answer', async () => {
    const { images, app } = setUp([]);
    expect(await screen.findByText('No images yet')).toBeTruthy();
    images.list.mockRejectedValueOnce(new EngineError('DISCONNECTED', 'The engine is not connected'));
    await app.images.refresh();
    expect(textOf(await screen.findByRole('alert'))).toContain('The engine is not connected');
  });
});

describe('an archive that is being loaded', () => {
  test('says how far it is, how fast and how long yet, and is cancelled', async () => {
    const load: EngineApi['images']['load'] = (_, { signal, onProgress } = {}) =>
      new Promise((_resolve, reject) => {
        onProgress?.({ what: 'load', bytes: 30_000_000, totalBytes: 120_000_000, bytesPerSecond: 9_000_000 });
        signal?.addEventListener('abort', () =>
          reject(new EngineError('CANCELLED', 'loading was cancelled')),
        );
      });
    const { app } = setUp(undefined, { load });
    await names();
    const loading = app.images.load('/home/me/app.tar');
    expect(
      await screen.findByText('Loading app.tar · 30.0 MB of 120 MB · 9.0 MB/s · 10 s left'),
    ).toBeTruthy();
    const bar = screen.getByRole('progressbar', { name: 'Loading app.tar' });
    expect(bar.getAttribute('aria-valuenow')).toBe('25');
    await fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    await loading;
    await waitFor(() => expect(screen.queryByText(/Loading app\.tar/)).toBeNull());
    expect(screen.queryByText('loading was cancelled')).toBeNull();
  });
});
