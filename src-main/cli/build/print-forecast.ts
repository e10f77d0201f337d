import type { BuildRequestInput, Forecast } from '../../contract/builds-api.ts';
import type { EngineApi } from '../../contract/engine-api.ts';
import { EngineError } from '../../contract/errors.ts';
import type { Cli } from '../cli.ts';
import { cleanText } from '../format/clean-text.ts';
import { formatTable } from '../format/table.ts';

const WIDEST = 50;
const WORDS = { cached: 'cache', run: 'run', unknown: 'unknown' };

/** `--plan`: what a build would do with each step, and why; builds nothing. */
export async function printForecast(
  cli: Cli,
  api: EngineApi,
  request: BuildRequestInput,
  format: 'text' | 'json',
): Promise<void> {
  const forecast = await api.builds.forecast({ ...request, thorough: true }, { signal: cli.signal });
  const { problem } = forecast;
  if (problem !== undefined) {
    throw new EngineError('DOCKERFILE', problem.message, { location: problem.location });
  }
  if (format === 'json') return cli.stdout.line(JSON.stringify(forecast));
  const rows = forecast.steps.map((step) => [
    String(step.location.line),
    nameOf(step.instruction),
    WORDS[step.forecast],
    step.lastMs === undefined ? '' : `${(step.lastMs / 1000).toFixed(1)}s`,
    cleanText(step.why?.text ?? ''),
  ]);
  for (const line of formatTable([['LINE', 'INSTRUCTION', 'FORECAST', 'LAST TIME', 'WHY'], ...rows])) {
    cli.stdout.line(line.trimEnd());
  }
  cli.stdout.line(`\n${summary(forecast)}`);
}

function nameOf(instruction: string): string {
  const [first = ''] = instruction.split('\n', 1);
  const name = cleanText(first);
  return name.length <= WIDEST ? name : `${name.slice(0, WIDEST - 1)}…`;
}

/** `4 from the cache, 2 will run (about 12s), 1 not known.` */
function summary({ steps }: Forecast): string {
  const count = (forecast: string) => steps.filter((step) => step.forecast === forecast).length;
  const ms = steps.reduce((sum, step) => sum + (step.forecast === 'run' ? (step.lastMs ?? 0) : 0), 0);
  const time = ms === 0 ? '' : ` (about ${(ms / 1000).toFixed(1)}s)`;
  const unknown = count('unknown') === 0 ? '' : `, ${count('unknown')} not known`;
  return `${count('cached')} from the cache, ${count('run')} will run${time}${unknown}.`;
}
