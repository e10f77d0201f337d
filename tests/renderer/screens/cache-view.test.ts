import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, test, vi } from 'vitest';
import type { CacheEntry, CacheMount } from '../../../src-main/contract/cache-api.ts';
import { EngineError } from '../../../src-main/contract/errors.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { digestOf } from '../support/image-row.ts';
import { openTestWindow } from '../support/test-window.ts';

const entry = (given: Partial<CacheEntry>): CacheEntry => ({
  id: digestOf('a'),
  description: 'RUN make',
  sizeBytes: 2_000_000,
  freesBytes: 2_000_000,
  createdAt: '2026-01-01T00:00:00Z',
  lastUsedAt: '2026-01-02T00:00:00Z',
  hits: 3,
  images: [],
  inUse: false,
  ...given,
});

const MOUNT: CacheMount = {
  id: 'abc',
  name: '/root/.cache',
  sizeBytes: 500_000,
  lastUsedAt: '2026-01-01T00:00:00Z',
  inUse: false,
};

function setUp() {
  let entries = [
    entry({}),
    entry({
      id: digestOf('b'),
      description: 'COPY . .',
      freesBytes: 0,
      images: ['docker.io/library/shop:2'],
    }),
  ];
  let mounts = [MOUNT];
  const held = { maxBytes: 5e9, maxAgeMs: 14 * 86_400_000, isDefault: true };
  const cache = {
    list: vi.fn(() => Promise.resolve({ entries, mounts, otherBytes: 1000 })),
    limits: () => Promise.resolve(held),
    setLimits: vi.fn(
      ({ limits }: { limits?: { maxBytes: number | null; maxAgeMs: number | null } | undefined }) =>
        Promise.resolve(limits === undefined ? held : { ...limits, isDefault: false }),
    ),
    remove: vi.fn(
      ({ ids = [], mounts: gone = [] }: { ids?: string[] | undefined; mounts?: string[] | undefined }) => {
        entries = entries.filter(({ id }) => !ids.includes(id));
        mounts = mounts.filter(({ id }) => !gone.includes(id));
        return Promise.resolve({ entries: ids.length + gone.length, freedBytes: 2_500_000 });
      },
    ),
  };
  const app = openTestWindow(fakeEngine({ cache }));
  void app.command('cache');
  return { cache, app };
}

async function rows(): Promise<readonly string[]> {
  const grid = await screen.findByRole('grid', { name: 'Build cache' });
  return waitFor(() => {
    const found = within(grid).getAllByRole('row').slice(1);
    expect(found.length).toBeGreaterThan(0);
    return found.map((row) =>
      within(row)
        .getAllByRole('gridcell')
        .slice(1, 6)
        .map((cell) => cell.textContent.trim())
        .join(' | '),
    );
  });
}

describe('the build cache', () => {
  test('lists layers and mounts with what removing frees and what needs them', async () => {
    setUp();
    expect(await rows()).toEqual([
      'RUN make | — | 2.0 MB | 2.0 MB | 3',
      'COPY . . | shop:2 | 2.0 MB | — | 3',
      'cache mount /root/.cache | — | 500 kB | 500 kB | —',
    ]);
  });

  test('is searched by instruction and by image', async () => {
    setUp();
    await rows();
    await fireEvent.input(screen.getByRole('searchbox', { name: 'Search the cache' }), {
      target: { value: 'shop' },
    });
    expect(await rows()).toEqual(['COPY . . | shop:2 | 2.0 MB | — | 3']);
  });

  test('removes what was chosen with the keys, and says what that freed', async () => {
    const { cache } = setUp();
    await rows();
    const grid = screen.getByRole('grid', { name: 'Build cache' });
    for (const key of ['ArrowDown', ' ', 'End', ' ']) await fireEvent.keyDown(grid, { key });
    expect(screen.getByRole('button', { name: 'Remove 2, free 2.5 MB' })).toBeTruthy();
    await fireEvent.keyDown(grid, { key: 'Delete' });
    await screen.findByText('Removed 2 entries, freed 2.5 MB.');
    expect(cache.remove).toHaveBeenCalledWith({ ids: [digestOf('a')], mounts: ['abc'] });
    expect(await rows()).toEqual(['COPY . . | shop:2 | 2.0 MB | — | 3']);
  });

  test('keeps the limits that are written, and refuses what is no number', async () => {
    const { cache } = setUp();
    await rows();
    const size = screen.getByRole('textbox', { name: 'Keep at most' });
    await fireEvent.input(size, { target: { value: 'much' } });
    expect(screen.getByRole('alert').textContent).toBe('Write a number, or nothing for no limit.');
    await fireEvent.input(size, { target: { value: '2.5' } });
    await fireEvent.input(screen.getByRole('textbox', { name: 'Forget after' }), { target: { value: '' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Keep these limits' }));
    expect(cache.setLimits).toHaveBeenCalledWith({ limits: { maxBytes: 2.5e9, maxAgeMs: null } });
    await fireEvent.click(await screen.findByRole('button', { name: 'Defaults' }));
    expect(cache.setLimits).toHaveBeenLastCalledWith({});
  });

  test('says what went wrong, and can be asked again', async () => {
    const list = vi.fn(() => Promise.reject(new EngineError('CORRUPT', 'a document is damaged')));
    const app = openTestWindow(
      fakeEngine({ cache: { list, limits: () => Promise.reject(new Error('no')) } }),
    );
    void app.command('cache');
    await screen.findByText('a document is damaged');
    await fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(list).toHaveBeenCalledTimes(2);
  });
});
