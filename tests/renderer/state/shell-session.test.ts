import { describe, expect, test } from 'vitest';
import { cancelled, EngineError } from '../../../src-main/contract/errors.ts';
import type { EngineApi } from '../../../src-main/contract/engine-api.ts';
import { ShellSession } from '../../../src-renderer/state/shell-session.svelte.ts';
import { fakeEngine } from '../support/fake-engine.ts';

type Terminals = EngineApi['terminals'];

/** A session and what it shows. */
function sessionOn(terminals: Partial<Terminals>): {
  session: ShellSession;
  shown: string[];
  ended: Promise<void>;
} {
  const shown: string[] = [];
  const session = new ShellSession(fakeEngine({ terminals }).api, 'sha256:failed');
  const ended = session.start({ columns: 80, rows: 24, write: (text) => shown.push(text) });
  return { session, shown, ended };
}

describe('a shell in the window', () => {
  test('shows what comes, passes on what is typed, and says how it ended', async () => {
    const told: unknown[] = [];
    let end: (result: { exitCode: number }) => void = () => undefined;
    const { session, shown, ended } = sessionOn({
      open: (params, options) => {
        told.push({ image: params.image, columns: params.columns, rows: params.rows });
        options?.onProgress?.({ text: '/ # ' });
        return new Promise((resolve) => (end = resolve));
      },
      input: ({ text }) => Promise.resolve(void told.push(text)).then(() => ({})),
      resize: ({ columns, rows }) => Promise.resolve(void told.push([columns, rows])).then(() => ({})),
    });
    session.type('ls\r');
    session.resize(100, 30);
    end({ exitCode: 3 });
    await ended;
    session.type('too late');
    expect(told).toEqual([{ image: 'sha256:failed', columns: 80, rows: 24 }, 'ls\r', [100, 30]]);
    expect([shown, session.status, session.exitCode, session.failure]).toEqual([
      ['/ # '],
      'ended',
      3,
      undefined,
    ]);
  });

  test('that cannot be had says why', async () => {
    const { session, ended } = sessionOn({
      open: () =>
        Promise.reject(new EngineError('NOT_FOUND', 'there is no shell', { hint: 'Look at the files.' })),
    });
    await ended;
    expect([session.status, session.failure?.message, session.failure?.hint]).toEqual([
      'ended',
      'there is no shell',
      'Look at the files.',
    ]);
  });

  test('that is closed ends in the engine, and that is no failure', async () => {
    const { session, ended } = sessionOn({
      open: (_, options) =>
        new Promise((_resolve, reject) => {
          options?.signal?.addEventListener('abort', () => reject(cancelled('the terminal')));
        }),
    });
    session.close();
    await ended;
    expect([session.status, session.failure]).toEqual(['ended', undefined]);
  });
});
