import { RangeSet, StateEffect, StateField, type EditorState, type Extension } from '@codemirror/state';
import { gutter, GutterMarker } from '@codemirror/view';
import type { Forecast } from '../../../src-main/contract/builds-api.ts';
import { describeForecastStep, mainStep } from '../../state/describe-forecast.ts';
import { formatDuration } from '../../ui/format-duration.ts';

type ForecastStep = Forecast['steps'][number];

/** Shorter steps cost nobody anything. */
const SHOWN_FROM_MS = 100;

class ForecastMarker extends GutterMarker {
  readonly #kind: ForecastStep['forecast'];
  readonly #title: string;
  readonly #time: string;

  constructor(steps: readonly ForecastStep[]) {
    super();
    const main = mainStep(steps);
    const ms = steps.reduce((sum, { lastMs = 0 }) => sum + lastMs, 0);
    this.#kind = main?.forecast ?? 'unknown';
    this.#title = steps.map(describeForecastStep).join('\n');
    this.#time = ms < SHOWN_FROM_MS ? '' : formatDuration(ms);
  }

  override eq(other: ForecastMarker): boolean {
    return this.#kind === other.#kind && this.#title === other.#title && this.#time === other.#time;
  }

  override toDOM(): Node {
    const mark = document.createElement('div');
    mark.className = `cm-forecast ${this.#kind}`;
    mark.title = this.#title;
    const time = mark.appendChild(document.createElement('span'));
    time.className = 'cm-forecast-time';
    time.textContent = this.#time;
    const sign = mark.appendChild(document.createElement('span'));
    sign.className = 'cm-forecast-sign';
    return mark;
  }
}

/** Tells the gutter what the next build would do; undefined when nothing is known. */
export const setForecast = StateEffect.define<Forecast | undefined>();

const forecastField = StateField.define<RangeSet<GutterMarker>>({
  create: () => RangeSet.of<GutterMarker>([]),
  update(marks, transaction) {
    const told = transaction.effects.find((effect) => effect.is(setForecast));
    if (told === undefined) return transaction.docChanged ? marks.map(transaction.changes) : marks;
    return toMarks(told.value as Forecast | undefined, transaction.state);
  },
});

function toMarks(forecast: Forecast | undefined, { doc }: EditorState): RangeSet<GutterMarker> {
  const byLine = Map.groupBy(forecast?.steps ?? [], ({ location }) => location.line);
  const lines = Array.from(byLine).filter(([line]) => line <= doc.lines);
  const marks = lines.map(([line, steps]) => new ForecastMarker(steps).range(doc.line(line).from));
  return RangeSet.of(marks, true);
}

/** A gutter that says of each instruction whether it will come from the cache, and how long it took. */
export const forecastGutter: Extension = [
  forecastField,
  gutter({ class: 'cm-forecasts', markers: (view) => view.state.field(forecastField) }),
];
