import type { Forecast } from '../../src-main/contract/builds-api.ts';
import { formatDuration } from '../ui/format-duration.ts';

type ForecastStep = Forecast['steps'][number];

/** The whole in a line: `4 from the cache, 2 will run, about 12 s`. */
export function describeForecast({ steps }: Forecast): string {
  const count = (kind: ForecastStep['forecast']): number =>
    steps.filter((step) => step.forecast === kind).length;
  const ms = steps.reduce((sum, step) => sum + (step.forecast === 'run' ? (step.lastMs ?? 0) : 0), 0);
  const [cached, run, unknown] = [count('cached'), count('run'), count('unknown')];
  const parts = [
    ...(cached > 0 ? [`${cached} from the cache`] : []),
    ...(run > 0 ? [`${run} will run`] : []),
    ...(unknown > 0 ? [`${unknown} not known`] : []),
    ...(ms > 0 ? [`about ${formatDuration(ms)}`] : []),
  ];
  return parts.join(', ');
}

export const FORECAST_WORDS: Readonly<Record<ForecastStep['forecast'], string>> = {
  cached: 'From the cache',
  run: 'Will run',
  unknown: 'Cannot be known',
};

/** One step: `will run: src/a changed. It took 12 s the last time`. */
export function describeForecastStep({ forecast, why, lastMs }: ForecastStep): string {
  const reason = why === undefined ? '' : `: ${why.text}`;
  const time = lastMs === undefined ? '' : `. It took ${formatDuration(lastMs)} the last time`;
  return `${FORECAST_WORDS[forecast]}${reason}${time}`;
}

/** What is said of an instruction that is several steps: what will run before what may, and that before the rest. */
export function mainStep(steps: readonly ForecastStep[]): ForecastStep | undefined {
  return (
    steps.find(({ forecast }) => forecast === 'run') ??
    steps.find(({ forecast }) => forecast === 'unknown') ??
    steps[0]
  );
}
