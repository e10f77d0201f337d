import type { BuildRequestInput, ProvedDifference, ProveResult } from '../../contract/builds-api.ts';
import type { EngineApi } from '../../contract/engine-api.ts';
import { EXIT, type Cli } from '../cli.ts';
import { cleanText } from '../format/clean-text.ts';
import type { BuildOptions } from './build-options.ts';
import { createProgress } from './create-progress.ts';

/** Builds twice and tells on standard output what came of it; the exit status is 1 when the builds differ. */
export async function proveBuild(
  cli: Cli,
  api: EngineApi,
  request: BuildRequestInput,
  options: BuildOptions,
): Promise<void> {
  const shown = [1, 2].map(() => createProgress(options, cli.stdout, cli.stderr));
  const [first, second] = shown;
  let isSecond = false;
  const result = await api.builds
    .prove(request, {
      signal: cli.signal,
      onProgress: ({ build, event }) => {
        if (build === 2 && !isSecond) {
          isSecond = true;
          first?.end(false);
        }
        (build === 1 ? first : second)?.show(event);
      },
    })
    .finally(() => (isSecond ? second : first)?.end(false));
  cli.exitWith(result.equal ? 0 : EXIT.failed);
  if (options.format === 'json') return cli.stdout.line(JSON.stringify(result));
  for (const line of describe(result)) cli.stdout.line(line);
}

function describe({ equal, digests, difference }: ProveResult): readonly string[] {
  if (equal) return [`Both builds gave ${digests[0]}`];
  const head = ['The two builds differ:', `  first   ${digests[0]}`, `  second  ${digests[1]}`];
  return difference === undefined ? head : [...head, ...describeDifference(difference)];
}

function describeDifference(difference: ProvedDifference): readonly string[] {
  const { layer, instruction, location, path, field, before, after, offset } = difference;
  const [line = ''] = (instruction ?? '').split('\n');
  const made = location === undefined ? [] : [`${location.file}:${location.line}: ${cleanText(line)}`];
  const place = [
    ...(layer === undefined ? [] : [`layer ${layer + 1}`]),
    ...(path === undefined ? [] : [`/${cleanText(path)}`]),
  ].join(', ');
  const where = offset === undefined ? '' : ` at byte ${offset}`;
  const what = `${place === '' ? '' : `${place}: `}${field}${where}`;
  return [...made, what, `  first   ${cleanText(before)}`, `  second  ${cleanText(after)}`];
}
