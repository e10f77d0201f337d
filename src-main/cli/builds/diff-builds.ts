import { Command, Option } from 'commander';
import type { BuildComparison, RecordedStep } from '../../contract/build-records-api.ts';
import type { Cli } from '../cli.ts';
import { cleanLine } from '../format/clean-text.ts';
import { formatTable } from '../format/table.ts';
import { findBuild } from './find-build.ts';
import { formatSeconds } from './format-seconds.ts';
import { STATUS_WORDS } from './status-word.ts';

export function diffCommand(cli: Cli): Command {
  return new Command('diff')
    .description('Shows two builds beside each other: inputs, Dockerfile, steps and result.')
    .argument('[before]', 'a build ID, or ^1 (the last but one, which is the default)')
    .argument('[after]', 'the other one; the newest when absent')
    .addOption(new Option('--format <format>', 'json: one object').choices(['json']))
    .action(async (before: string | undefined, after: string | undefined, options: { format?: 'json' }) => {
      const compared = await cli.withEngine(async (api) => {
        const [a, b] = [await findBuild(api, before ?? '^1'), await findBuild(api, after)];
        return api.buildRecords.compare({ a, b });
      });
      if (options.format === 'json') return cli.stdout.line(JSON.stringify(compared));
      for (const line of describe(compared)) cli.stdout.line(line.trimEnd());
    });
}

function* describe(compared: BuildComparison): Generator<string, void, undefined> {
  const { a, b, inputs, dockerfile, steps } = compared;
  yield `--- ${a.id} ${a.name} ${STATUS_WORDS[a.status]} ${formatSeconds(a.durationMs)}`;
  yield `+++ ${b.id} ${b.name} ${STATUS_WORDS[b.status]} ${formatSeconds(b.durationMs)}`;
  const changed = inputs.filter(({ before, after }) => before !== after);
  yield '';
  yield `Inputs: ${changed.length === 0 ? 'all the same' : `${changed.length} of ${inputs.length} differ`}`;
  const rows = changed.map(({ name, before = '-', after = '-' }) => [`  ${name}`, `${before} -> ${after}`]);
  for (const line of formatTable(rows.map((row) => row.map(cleanLine)))) yield line;
  yield '';
  yield* describeDockerfile(dockerfile);
  yield '';
  yield 'Steps';
  const cells = steps.map(({ stage, instruction, before, after }) => [
    cut(cleanLine(`  [${stage}] ${instruction}`)),
    outcomeText(before),
    outcomeText(after),
    cleanLine(after?.reason?.text ?? ''),
  ]);
  for (const line of formatTable(cells)) yield line;
  yield '';
  yield `Result: ${a.digest ?? 'none'} -> ${b.digest === a.digest ? 'the same' : (b.digest ?? 'none')}`;
}

function* describeDockerfile(lines: BuildComparison['dockerfile']): Generator<string, void, undefined> {
  const changed = lines.filter(({ before, after }) => before === undefined || after === undefined);
  yield `Dockerfile: ${changed.length === 0 ? 'the same' : ''}`;
  for (const { text, before, after } of changed) {
    const sign = after === undefined ? '-' : '+';
    yield `${String(after ?? before).padStart(5)} ${sign} ${cleanLine(text)}`;
  }
}

function outcomeText(step: RecordedStep | undefined): string {
  if (step === undefined) return '-';
  const { outcome = 'not reached', startMs, endMs } = step;
  return startMs === undefined || endMs === undefined
    ? outcome
    : `${outcome} ${formatSeconds(endMs - startMs)}`;
}

const LONGEST = 60;

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
