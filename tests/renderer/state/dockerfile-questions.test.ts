import { describe, expect, test, vi } from 'vitest';
import type { Hover } from '../../../src-main/contract/dockerfiles-api.ts';
import { EngineError } from '../../../src-main/contract/errors.ts';
import { DockerfileQuestions } from '../../../src-renderer/state/dockerfile-questions.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { location } from '../support/location.ts';

const AT = { line: 1, column: 1 };
const ASKED = { text: 'FROM scratch', file: 'Dockerfile', context: '/p', buildArgs: { V: '2' } };

function hover(title: string): Hover {
  return { location: location(1, 1, 5), title, text: [], facts: [] };
}

describe('what the editor asks', () => {
  test('is about the text as it stands and what the build would be given', async () => {
    const complete = vi.fn((_params: unknown) =>
      Promise.resolve({ replace: location(1, 1), items: [], incomplete: false }),
    );
    const questions = new DockerfileQuestions(fakeEngine({ dockerfiles: { complete } }).api, () => ASKED);
    await questions.complete(AT);
    expect(complete.mock.lastCall?.[0]).toEqual({ ...ASKED, position: AT });
  });

  test('gets the newest answer only, and the one before is told to stop', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const answers: ((answer: Hover) => void)[] = [];
    const engine = fakeEngine({
      dockerfiles: {
        hover: (_params, options) => {
          signals.push(options?.signal);
          return new Promise((resolve) => answers.push(resolve));
        },
      },
    });
    const questions = new DockerfileQuestions(engine.api, () => ASKED);
    const [first, second] = [questions.hover(AT), questions.hover(AT)];
    answers[1]?.(hover('new'));
    answers[0]?.(hover('old'));
    expect([await first, await second]).toEqual([undefined, hover('new')]);
    expect(signals.map((signal) => signal?.aborted)).toEqual([true, false]);
  });

  test('gets nothing while the engine is away, and the next question is asked again', async () => {
    const format = vi.fn(() => Promise.resolve({ edits: [{ location: location(1, 1), text: '#' }] }));
    format.mockRejectedValueOnce(new EngineError('DISCONNECTED', 'gone'));
    const questions = new DockerfileQuestions(fakeEngine({ dockerfiles: { format } }).api, () => ASKED);
    expect([await questions.format(), await questions.format()]).toEqual([
      undefined,
      [{ location: location(1, 1), text: '#' }],
    ]);
  });

  test('about the symbol at the cursor does not stop asking where another is defined', async () => {
    const symbol = vi.fn(() => Promise.resolve(null));
    const questions = new DockerfileQuestions(fakeEngine({ dockerfiles: { symbol } }).api, () => ASKED);
    const answers = [questions.symbol(AT, 'definition'), questions.symbol(AT, 'mentions')];
    expect(await Promise.all(answers)).toEqual([null, null]);
  });

  test('fails loudly when what failed is a defect and no answer of the engine', async () => {
    const engine = fakeEngine({ dockerfiles: { hover: () => Promise.reject(new TypeError('a defect')) } });
    await expect(new DockerfileQuestions(engine.api, () => ASKED).hover(AT)).rejects.toThrow('a defect');
  });
});
