import type {
  BuildRequestInput,
  ProvedChange,
  ProvedDifference,
  ProvedPlace,
  ProveResult,
} from '../../contract/builds-api.ts';
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
  for (const line of describe(result, request)) cli.stdout.line(line);
}

function describe(
  { equal, digests, difference, moved = [] }: ProveResult,
  { reproducible = false }: BuildRequestInput,
): readonly string[] {
  const bases = moved.flatMap(({ name, digest, before = '' }) => [
    `Meanwhile ${cleanText(name)} became another image:`,
    ...describeBoth(before, digest),
  ]);
  if (equal) return [`Both builds gave ${digests[0]}`, ...bases];
  const head = ['The two builds differ:', ...describeBoth(...digests), ...bases];
  if (difference === undefined) return head;
  return [...head, ...describeDifference(difference), ...(reproducible ? [] : [TIMES])];
}

const TIMES = 'With --reproducible, times in new layers and of the image are fixed.';

function describeDifference({ copies = [], earlier, ...made }: ProvedDifference): readonly string[] {
  return [
    ...describeChange(made),
    ...copies.toReversed().map((copy) => `then by ${describeStep(copy)} to ${describePlace(copy)}`),
    ...(earlier === undefined ? [] : ['Before that, this differed already:', ...describeDifference(earlier)]),
  ];
}

function describeChange(change: ProvedChange): readonly string[] {
  const { location, field, before, after, offset } = change;
  const place = describePlace(change);
  const where = offset === undefined ? '' : ` at byte ${offset}`;
  return [
    ...(location === undefined ? [] : [describeStep(change)]),
    `${place === '' ? '' : `${place}: `}${field}${where}`,
    ...describeBoth(before, after),
  ];
}

function describeBoth(first: string, second: string): readonly string[] {
  return [`  first   ${cleanText(first)}`, `  second  ${cleanText(second)}`];
}

function describeStep({ location, instruction = '' }: ProvedPlace): string {
  const [line = ''] = instruction.split('\n');
  return `${location?.file}:${location?.line}: ${cleanText(line)}`;
}

function describePlace({ layer, stage, path }: ProvedPlace): string {
  const parts = [
    ...(layer === undefined ? [] : [`layer ${layer + 1}${stage === undefined ? '' : ` of stage ${stage}`}`]),
    ...(path === undefined ? [] : [`/${cleanText(path)}`]),
  ];
  return parts.join(', ');
}
