import { describe, expect, test, vi } from 'vitest';
import { EngineError } from '../../../src-main/contract/errors.ts';
import type { RemoteImage } from '../../../src-main/contract/remote-api.ts';
import { RemoteImageView } from '../../../src-renderer/state/remote-image.svelte.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { digestOf } from '../support/image-row.ts';

const SMALL = digestOf('1');
const LARGE = digestOf('2');

const image: RemoteImage = {
  digest: digestOf('a'),
  manifest: digestOf('b'),
  mediaType: 'application/vnd.oci.image.index.v1+json',
  platforms: [],
  layers: [
    { position: 0, digest: LARGE, mediaType: 'm', sizeBytes: 900_000_000, isHere: false },
    { position: 1, digest: SMALL, mediaType: 'm', sizeBytes: 900, isHere: false },
  ],
};

interface Asked {
  readonly layer: string;
  readonly maxBytes?: number | undefined;
}

type Files = { rows: never[]; total: number; isProved: boolean; fetchedBytes: number };

const FILES: Files = { rows: [], total: 0, isProved: true, fetchedBytes: 900 };

function open(answer: (asked: Asked) => Promise<Files>) {
  const layerFiles = vi.fn(answer);
  const registries = { remoteImage: () => Promise.resolve(image), layerFiles };
  const view = new RemoteImageView(fakeEngine({ registries }).api, 'own:5000/app:1');
  const asked = () => layerFiles.mock.calls.map(([{ layer, maxBytes }]) => [layer, maxBytes]);
  return { view, asked };
}

describe('an image at a registry', () => {
  test('shows the files of its top layer at once, and where they come from', async () => {
    const { view, asked } = open(() => Promise.resolve(FILES));
    await view.load();
    await vi.waitFor(() => expect(view.tree).toBeDefined());
    expect(view.source).toEqual({ isProved: true, fetchedBytes: 900 });
    expect(asked()[0]).toEqual([SMALL, undefined]);
  });

  test('transfers nothing of a large layer before it is told to', async () => {
    const none = new EngineError('LIMIT_EXCEEDED', 'takes more than 0 bytes');
    const { view, asked } = open(({ maxBytes }) =>
      maxBytes === 0 ? Promise.reject(none) : Promise.resolve(FILES),
    );
    await view.load();
    await vi.waitFor(() => expect(view.isReading).toBe(false));
    view.select(0);
    await vi.waitFor(() => expect(view.isReading).toBe(false));
    expect([view.tree, view.filesFailure]).toEqual([undefined, undefined]);
    expect(asked().at(-1)).toEqual([LARGE, 0]);
    await view.readFiles();
    expect(view.tree).toBeDefined();
    expect(asked().at(-1)).toEqual([LARGE, undefined]);
  });

  test('never shows the files of a layer that is not chosen any more', async () => {
    const waiting = new Map<string, (files: Files) => void>();
    const { view } = open(({ layer }) => new Promise((resolve) => waiting.set(layer, resolve)));
    await view.load();
    view.select(0);
    waiting.get(LARGE)?.({ ...FILES, fetchedBytes: 2 });
    await vi.waitFor(() => expect(view.source).toEqual({ isProved: true, fetchedBytes: 2 }));
    waiting.get(SMALL)?.({ ...FILES, fetchedBytes: 1 });
    await Promise.resolve();
    expect(view.source).toEqual({ isProved: true, fetchedBytes: 2 });
  });

  test('stops reading when it is told to, and says nothing went wrong', async () => {
    const { view } = open(() => new Promise(() => undefined));
    await view.load();
    expect(view.isReading).toBe(true);
    view.stopReading();
    expect([view.isReading, view.filesFailure, view.tree]).toEqual([false, undefined, undefined]);
  });
});
