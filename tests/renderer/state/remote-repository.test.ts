import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Digest } from '../../../src-main/contract/oci-types.ts';
import { EngineError } from '../../../src-main/contract/errors.ts';
import { NameField } from '../../../src-renderer/state/name-field.svelte.ts';
import { RemoteRepository } from '../../../src-renderer/state/remote-repository.svelte.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { digestOf } from '../support/image-row.ts';

type Answer = (detail: { digest: Digest; mediaType: string; platforms: [] }) => void;

describe('the tags of a repository', () => {
  test('come page by page, newest version first, and are searched', async () => {
    const tags = vi.fn(({ after }: { after?: string | undefined }) =>
      Promise.resolve(after === undefined ? { tags: ['1.9', 'latest'], next: 'latest' } : { tags: ['1.10'] }),
    );
    const repository = new RemoteRepository(fakeEngine({ registries: { tags } }).api, 'ghcr.io', 'org/app');
    await repository.load();
    expect(repository.visible).toEqual(['latest', '1.10', '1.9']);
    repository.query = '1.';
    expect(repository.visible).toEqual(['1.10', '1.9']);
    expect(tags.mock.calls.map(([params]) => params)).toEqual([
      { repository: 'ghcr.io/org/app', limit: 500 },
      { repository: 'ghcr.io/org/app', limit: 500, after: 'latest' },
    ]);
  });

  test('are asked what they name when they are in sight, once and a few at a time', async () => {
    const waiting = new Map<string, Answer>();
    const tagDetail = vi.fn(
      ({ ref }: { ref: string }) =>
        new Promise<Parameters<Answer>[0]>((resolve) => waiting.set(ref, resolve)),
    );
    const repository = new RemoteRepository(fakeEngine({ registries: { tagDetail } }).api, 'ghcr.io', 'app');
    for (const tag of ['a', 'b', 'c', 'd', 'e', 'a']) expect(repository.detailOf(tag)).toBeUndefined();
    await vi.waitFor(() => expect(waiting.size).toBe(4));
    const first = [...waiting.keys()][0] ?? '';
    waiting.get(first)?.({ digest: digestOf('a'), mediaType: 'm', platforms: [] });
    await vi.waitFor(() => expect(waiting.size).toBe(5));
    expect(repository.detailOf(first.slice(-1))).toMatchObject({ detail: { digest: digestOf('a') } });
  });

  test('say what is wrong with one that cannot be read, and with all', async () => {
    const gone = new EngineError('NOT_FOUND', 'there is no such thing');
    const registries = { tagDetail: () => Promise.reject(gone), tags: () => Promise.reject(gone) };
    const repository = new RemoteRepository(fakeEngine({ registries }).api, 'ghcr.io', 'app');
    repository.detailOf('a');
    await vi.waitFor(() =>
      expect(repository.detailOf('a')).toMatchObject({ failure: { message: gone.message } }),
    );
    await repository.load();
    expect(repository.failure).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a name that is being typed', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('asks the registry after a moment, and never shows the answer to another question', async () => {
    const asked: { repository: string; answer: (tags: string[]) => void; signal: AbortSignal | undefined }[] =
      [];
    const tags = ({ repository }: { repository: string }, options?: { signal?: AbortSignal | undefined }) =>
      new Promise<{ tags: string[] }>((resolve) =>
        asked.push({ repository, answer: (found) => resolve({ tags: found }), signal: options?.signal }),
      );
    const field = new NameField(fakeEngine({ registries: { tags } }).api);
    field.set('one:');
    field.set('one:1');
    expect(asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(300);
    field.set('two:');
    await vi.advanceTimersByTimeAsync(300);
    expect(asked.map(({ repository, signal }) => [repository, signal?.aborted])).toEqual([
      ['one', true],
      ['two', false],
    ]);
    asked[1]?.answer(['b']);
    asked[0]?.answer(['a']);
    await vi.advanceTimersByTimeAsync(1);
    expect(field.remote).toEqual(['b']);
    field.set('one');
    field.set('two:b');
    await vi.advanceTimersByTimeAsync(300);
    expect([field.remote, asked.length]).toEqual([['b'], 2]);
  });
});
