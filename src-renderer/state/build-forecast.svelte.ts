import type { BuildRequestInput, Forecast } from '../../src-main/contract/builds-api.ts';
import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import { isEngineError } from '../../src-main/contract/errors.ts';
import { Latest } from './latest.ts';

/** What a build would be asked for, and the text in the editor that this is about. */
export interface ForecastQuestion {
  readonly request: BuildRequestInput;
  readonly text: string;
}

/** A forecast, and the text that it is about. */
export interface AnsweredForecast {
  readonly text: string;
  readonly forecast: Forecast;
}

/** Typing pauses this long before it is asked; the answer has most of what a person waits without noticing. */
const ASK_AFTER_MS = 50;
/** A base of usual size is read in about this time. */
const READ_SOON_MS = 1000;

/** What the next build would take from the cache, kept up to date with the editor, the options and the files. */
export class BuildForecast {
  latest = $state.raw<AnsweredForecast>();
  readonly #engine: EngineApi;
  readonly #question: () => ForecastQuestion | undefined;
  readonly #asking = new Latest();
  readonly #watching = new Latest();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(engine: EngineApi, question: () => ForecastQuestion | undefined) {
    this.#engine = engine;
    this.#question = question;
  }

  refreshSoon(): void {
    this.#askAfter(ASK_AFTER_MS);
  }

  #askAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.refresh(), ms);
  }

  /** Asks at once; the newest answer wins. While a Dockerfile is wrong the forecast of what was right stays. */
  async refresh(): Promise<void> {
    clearTimeout(this.#timer);
    const question = this.#question();
    if (question === undefined) return;
    const signal = this.#asking.next();
    try {
      const forecast = await this.#engine.builds.forecast(question.request, { signal });
      if (signal.aborted) return;
      if (forecast.problem === undefined) this.latest = { text: question.text, forecast };
      if (forecast.isPartial === true) this.#askAfter(READ_SOON_MS);
    } catch (error) {
      // A forecast is a help and no more: what is wrong with the folder or the engine is told elsewhere.
      if (!isEngineError(error)) throw error;
      if (!signal.aborted) this.latest = undefined;
    }
  }

  /** Follows the files of a folder, until another one is followed or `close`; `onChange` is told too. */
  async follow(path: string, onChange: () => void): Promise<void> {
    this.latest = undefined;
    const signal = this.#watching.next();
    try {
      await this.#engine.contexts.watch(
        { path },
        { signal, onProgress: () => (onChange(), this.refreshSoon()) },
      );
    } catch (error) {
      // Without a watch the forecast is asked for anew whenever the window comes to the front.
      if (!isEngineError(error)) throw error;
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#asking.stop();
    this.#watching.stop();
    this.latest = undefined;
  }
}
