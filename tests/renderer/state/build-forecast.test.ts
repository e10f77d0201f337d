import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Forecast } from '../../../src-main/contract/builds-api.ts';
import { BuildForecast } from '../../../src-renderer/state/build-forecast.svelte.ts';
import { describeForecast, describeForecastStep } from '../../../src-renderer/state/describe-forecast.ts';
import { fakeEngine } from '../support/fake-engine.ts';

type Step = Forecast['steps'][number];

function step(forecast: Step['forecast'], more: Partial<Step> = {}): Step {
  const location = { file: 'Dockerfile', line: 1, column: 1, endLine: 1, endColumn: 9 };
  return { step: '0.1', stage: '0', instruction: 'RUN make', keyword: 'RUN', location, forecast, ...more };
}

const CHANGED = { kind: 'file', text: 'a.c changed' } as const;

describe('a forecast in words', () => {
  test('counts what comes from the cache, what will run and how long that took', () => {
    const steps = [step('cached', { lastMs: 9000 }), step('run', { lastMs: 12_000 }), step('unknown')];
    expect([
      describeForecast({ steps, contextEntries: 0 }),
      describeForecast({ steps: steps.slice(0, 1), contextEntries: 0 }),
    ]).toEqual(['1 from the cache, 1 will run, 1 not known, about 12 s', '1 from the cache']);
  });

  test('says of a step why, in the words of the explanation', () => {
    expect([
      describeForecastStep(step('run', { why: CHANGED, lastMs: 1200 })),
      describeForecastStep(step('cached')),
    ]).toEqual(['Will run: a.c changed. It took 1.2 s the last time', 'From the cache']);
  });
});

describe('the forecast of the Build screen', () => {
  test('keeps the newest answer, with the text that it is about', async () => {
    const answers: ((forecast: Forecast) => void)[] = [];
    const engine = fakeEngine({
      builds: { forecast: () => new Promise((resolve) => answers.push(resolve)) },
    });
    let text = 'one';
    const forecast = new BuildForecast(engine.api, () => ({ request: { context: '/p' }, text }));
    const first = forecast.refresh();
    text = 'two';
    const second = forecast.refresh();
    const answer = { steps: [step('run')], contextEntries: 1 };
    answers[1]?.(answer);
    await second;
    answers[0]?.({ steps: [], contextEntries: 0 });
    await first;
    expect(forecast.latest).toEqual({ text: 'two', forecast: answer });
  });

  test('is asked for again while a base is being read', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const whole = { steps: [step('cached')], contextEntries: 1 };
    const answers: Forecast[] = [{ steps: [step('unknown')], contextEntries: 1, isPartial: true }, whole];
    const engine = fakeEngine({ builds: { forecast: () => Promise.resolve(answers.shift() ?? whole) } });
    const forecast = new BuildForecast(engine.api, () => ({ request: { context: '/p' }, text: '' }));
    await forecast.refresh();
    await vi.runAllTimersAsync();
    expect([forecast.latest?.forecast, answers]).toEqual([whole, []]);
  });

  test('stays as it was while the Dockerfile is wrong, and goes when the engine does', async () => {
    const answers: (Forecast | undefined)[] = [
      { steps: [step('run')], contextEntries: 1 },
      { steps: [], contextEntries: 0, problem: { message: 'unknown instruction' } },
    ];
    const engine = fakeEngine();
    const builds = {
      ...engine.api.builds,
      forecast: (...params: Parameters<typeof engine.api.builds.forecast>) => {
        const answer = answers.shift();
        return answer === undefined ? engine.api.builds.forecast(...params) : Promise.resolve(answer);
      },
    };
    const forecast = new BuildForecast({ ...engine.api, builds }, () => ({
      request: { context: '/p' },
      text: 'FROM scratch',
    }));
    const seen: (number | undefined)[] = [];
    for (let i = 0; i < 3; i++) {
      await forecast.refresh();
      seen.push(forecast.latest?.forecast.steps.length);
    }
    expect(seen).toEqual([1, 1, undefined]);
  });
});
