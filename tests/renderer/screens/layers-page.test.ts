import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, test, vi } from 'vitest';
import type { FileRow } from '../../../src-main/contract/files-api.ts';
import type { ImageDetail } from '../../../src-main/contract/images-api.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { fileRow } from '../support/file-row.ts';
import { digestOf } from '../support/image-row.ts';
import { textOf } from '../support/text-of.ts';
import { layerRow } from '../support/layer-row.ts';
import { openTestWindow } from '../support/test-window.ts';

const DETAIL: ImageDetail = {
  digest: digestOf('a'),
  imageId: digestOf('b'),
  names: ['shop:1'],
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  platform: { os: 'linux', architecture: 'amd64' },
  parts: [],
  referrers: [
    {
      kind: 'sbom',
      digest: digestOf('c'),
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      sizeBytes: 2000,
      subject: digestOf('a'),
      types: ['application/spdx+json'],
    },
  ],
  sizeBytes: 800,
  config: {
    user: '',
    workingDir: '/app',
    env: [{ name: 'MODE', value: 'prod\u202e' }],
    cmd: ['serve', '--port=80'],
    exposedPorts: ['80/tcp'],
    volumes: [],
    labels: [],
    onBuild: [],
  },
  history: [
    { createdBy: 'COPY base / # buildkit', emptyLayer: false, layer: 0, sizeBytes: 1000 },
    { createdBy: 'ENV MODE=prod', emptyLayer: true, sizeBytes: 0 },
    { createdBy: 'COPY app /app # buildkit', emptyLayer: false, layer: 1, sizeBytes: 1000 },
  ],
  inspect: { Id: digestOf('b') },
};

const TOP: readonly FileRow[] = [
  fileRow('/app', { type: 'directory', children: 1, change: 'added' }),
  fileRow('/old', { change: 'removed' }),
];

async function openLayers() {
  const children = vi.fn(({ path, layer: position }: { path: string; layer?: number | undefined }) => {
    if (path === '/app')
      return Promise.resolve({ rows: [fileRow('/app/main', { change: 'added' })], total: 1 });
    const rows = position === undefined ? [fileRow('/whole')] : [...TOP];
    return Promise.resolve({ rows, total: rows.length });
  });
  const app = openTestWindow(
    fakeEngine({
      images: {
        list: () => Promise.resolve([]),
        inspect: () => Promise.resolve(DETAIL),
        layers: () =>
          Promise.resolve([
            layerRow(0, { createdBy: 'COPY base /' }),
            layerRow(1, { createdBy: 'COPY app /app', wastedBytes: 500 }),
          ]),
      },
      files: {
        children,
        read: () =>
          Promise.resolve({ base64: btoa('<b>not markup</b>\nline 2'), sizeBytes: 24, isText: true }),
        search: ({ query }) => Promise.resolve({ rows: [fileRow(`/found/${query}`)], truncated: false }),
      },
    }),
  );
  app.showLayers('shop:1');
  await screen.findByRole('treeitem', { name: /^app/ });
  return { app, children };
}

describe('the Layers screen', () => {
  test('lists the layers from the newest, with the steps that made none between them', async () => {
    await openLayers();
    const list = screen.getByRole('listbox', { name: 'Layers' });
    expect(
      within(list)
        .getAllByRole('option')
        .map((option) => option.textContent.replace(/\s+/g, ' ').trim()),
    ).toEqual([expect.stringContaining('COPY app /app'), expect.stringContaining('COPY base /')]);
    expect(textOf(list)).toContain('ENV MODE=prod');
    expect(textOf(screen.getByRole('toolbar', { name: 'Layers' }))).toContain('Wasted 500 B');
    expect(textOf(screen.getByRole('toolbar', { name: 'Layers' }))).toContain('Efficiency 75.0 %');
  });

  test('shows what the chosen layer changed, and another layer on the arrow key', async () => {
    const { children } = await openLayers();
    expect(screen.getAllByRole('treeitem').map((item) => item.getAttribute('aria-label'))).toEqual([
      'app, added',
      'old, removed',
    ]);
    await fireEvent.keyDown(screen.getByRole('listbox', { name: 'Layers' }), { key: 'ArrowDown' });
    await waitFor(() => expect(children.mock.lastCall?.[0]).toMatchObject({ path: '/', layer: 0 }));
  });

  test('opens folders and files from the keyboard', async () => {
    await openLayers();
    const tree = screen.getByRole('tree', { name: 'Layer files' });
    await fireEvent.keyDown(tree, { key: 'ArrowDown' });
    await fireEvent.keyDown(tree, { key: 'ArrowRight' });
    const main = await screen.findByRole('treeitem', { name: 'main, added' });
    expect(main.getAttribute('aria-level')).toBe('2');
    await fireEvent.keyDown(tree, { key: 'ArrowRight' });
    expect(main.getAttribute('aria-selected')).toBe('true');
    const preview = screen.getByRole('region', { name: 'Preview' });
    await waitFor(() => expect(textOf(preview)).toContain('<b>not markup</b>'));
    await fireEvent.keyDown(tree, { key: 'ArrowLeft' });
    await fireEvent.keyDown(tree, { key: 'ArrowLeft' });
    await waitFor(() => expect(screen.queryByRole('treeitem', { name: 'main, added' })).toBeNull());
  });

  test('shows the whole image and searches it', async () => {
    await openLayers();
    await fireEvent.click(screen.getByRole('radio', { name: 'Whole image' }));
    expect(await screen.findByRole('treeitem', { name: 'whole' })).toBeTruthy();
    await fireEvent.input(screen.getByRole('searchbox', { name: 'Search files' }), {
      target: { value: 'conf' },
    });
    expect(textOf(await screen.findByRole('treeitem', { name: 'conf' }))).toContain('/found/conf');
  });

  test('shows the configuration with hidden characters made visible', async () => {
    await openLayers();
    await fireEvent.click(screen.getByRole('tab', { name: 'Configuration' }));
    const environment = await screen.findByRole('region', { name: 'Environment' });
    expect(textOf(environment)).toContain('prod[U+202E]');
    expect(textOf(screen.getByRole('region', { name: 'When it runs' }))).toContain('["serve","--port=80"]');
    const kept = within(screen.getByRole('region', { name: 'Kept with the image' }));
    expect(kept.getByRole('row', { name: /^SBOM \(application\/spdx\+json\) .*2\.0 kB$/ })).toBeDefined();
  });
});
