import { RangeSet, StateEffect, StateField, type EditorState } from '@codemirror/state';
import { GutterMarker } from '@codemirror/view';
import type { Forecast } from '../../../src-main/contract/builds-api.ts';
import { describeForecastStep, mainStep } from '../../state/describe-forecast.ts';
import { formatDuration } from '../../ui/format-duration.ts';

/** What the next build would do with each instruction. */
export interface ToldForecast {
  /** Nothing while it is not known. */
  readonly steps: Forecast['steps'];
  /** It is about an older text than that in the editor. */
  readonly isStale: boolean;
}

/** Shorter steps cost nobody anything. */
const SHOWN_FROM_MS = 100;

/** The steps of one instruction as a sign, and how long they took. */
class ForecastMarker extends GutterMarker {
  readonly steps: Forecast['steps'];
  readonly #kind: string;
  readonly #text: string;
  readonly #time: string;

  constructor(steps: Forecast['steps']) {
    super();
    this.steps = steps;
    const ms = steps.reduce((sum, { lastMs = 0 }) => sum + lastMs, 0);
    this.#kind = mainStep(steps)?.forecast ?? 'unknown';
    this.#text = steps.map(describeForecastStep).join('\n');
    this.#time = ms < SHOWN_FROM_MS ? '' : formatDuration(ms);
  }

  override eq(other: ForecastMarker): boolean {
    return this.#kind === other.#kind && this.#text === other.#text && this.#time === other.#time;
  }

  override toDOM(): Node {
    const mark = document.createElement('div');
    mark.className = `cm-forecast ${this.#kind}`;
    const time = mark.appendChild(document.createElement('span'));
    time.className = 'cm-forecast-time';
    time.textContent = this.#time;
    const sign = mark.appendChild(document.createElement('span'));
    sign.className = 'cm-forecast-sign';
    return mark;
  }
}

/** Tells the editor what the next build would do. */
export const setForecast = StateEffect.define<ToldForecast>();

interface Known {
  readonly marks: RangeSet<ForecastMarker>;
  readonly isStale: boolean;
}

export const forecastField = StateField.define<Known>({
  create: () => ({ marks: RangeSet.of<ForecastMarker>([]), isStale: false }),
  update(known, { effects, changes, docChanged, state }) {
    const told = effects.find((effect) => effect.is(setForecast))?.value as ToldForecast | undefined;
    if (told !== undefined) {
      // Answers that are late move along with the text that they are about.
      return { marks: told.isStale ? known.marks : toMarks(told, state), isStale: told.isStale };
    }
    return docChanged ? { ...known, marks: known.marks.map(changes) } : known;
  },
});

function toMarks({ steps }: ToldForecast, { doc }: EditorState): RangeSet<ForecastMarker> {
  const byLine = Map.groupBy(steps, ({ location }) => location.line);
  const lines = Array.from(byLine).filter(([line]) => line <= doc.lines);
  const marks = lines.map(([line, ofLine]) => new ForecastMarker(ofLine).range(doc.line(line).from));
  return RangeSet.of(marks, true);
}

/** The forecast of the instruction at a place in the text; undefined where nothing is known. */
export function forecastAt(state: EditorState, at: number): ToldForecast | undefined {
  const { marks, isStale } = state.field(forecastField);
  const { doc } = state;
  let steps: Forecast['steps'] | undefined;
  marks.between(0, at, (from, _, marker) => {
    const location = marker.steps[0]?.location;
    const linesOn = doc.lineAt(at).number - doc.lineAt(from).number;
    const isWithin = location !== undefined && linesOn <= location.endLine - location.line;
    steps = isWithin ? marker.steps : undefined;
  });
  return steps === undefined ? undefined : { steps, isStale };
}
