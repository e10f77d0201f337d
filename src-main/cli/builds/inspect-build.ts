import { Command } from 'commander';
import type { BuildRecord, RecordedStep } from '../../contract/build-records-api.ts';
import { recordedBases } from '../../contract/recorded-bases.ts';
import { EngineError } from '../../contract/errors.ts';
import type { Platform } from '../../contract/oci-types.ts';
import type { Cli } from '../cli.ts';
import { cleanLine } from '../format/clean-text.ts';
import { fillTemplate } from '../format/go-template.ts';
import { formatTable } from '../format/table.ts';
import { formatError } from '../report-error.ts';
import { findBuild } from './find-build.ts';
import { formatSeconds } from './format-seconds.ts';
import { STATUS_WORDS } from './status-word.ts';

export function inspectCommand(cli: Cli): Command {
  return new Command('inspect')
    .alias('show')
    .description('Shows everything about a build but its log; the newest when none is named.')
    .argument('[build]', 'a build ID, or ^1 for the last but one')
    .option('--format <format>', 'pretty, json, or a template', 'pretty')
    .action((word: string | undefined, { format }: { readonly format: string }) =>
      inspect(cli, word, format),
    );
}

async function inspect(cli: Cli, word: string | undefined, format: string): Promise<void> {
  const record = await cli.withEngine(async (api) =>
    api.buildRecords.get({ id: await findBuild(api, word) }),
  );
  if (format === 'pretty') return print(cli, record);
  const described = describe(record);
  cli.stdout.line(format === 'json' ? JSON.stringify(described, null, 2) : fillTemplate(format, described));
}

/** docker's keys, and what it does not tell. */
function describe(record: BuildRecord): object {
  const { request, steps, stages } = record;
  const completed = new Date(Date.parse(record.startedAt) + record.durationMs).toISOString();
  return {
    Name: record.name,
    Ref: record.id,
    Context: record.context,
    ContextDigest: record.contextDigest ?? '',
    Dockerfile: record.dockerfile?.file ?? '',
    Target: request.target ?? '',
    Tags: record.tags,
    StartedAt: record.startedAt,
    CompletedAt: record.status === 'running' ? '' : completed,
    Duration: Math.round(record.durationMs * 1e6),
    Status: STATUS_WORDS[record.status].toLowerCase(),
    Error: record.error ?? null,
    NumCompletedSteps: record.steps.filter(({ outcome }) => outcome === 'ran' || outcome === 'cached').length,
    NumTotalSteps: steps.length,
    NumCachedSteps: steps.filter(({ outcome }) => outcome === 'cached').length,
    BuildArgs: Object.entries(request.buildArgs).map(([Name, Value]) => ({ Name, Value })),
    Labels: Object.entries(request.labels).map(([Name, Value]) => ({ Name, Value })),
    Config: {
      Network: request.network,
      NoCache: request.noCache,
      NoCacheFilter: request.noCacheFilter,
      Pull: request.pull,
    },
    Materials: recordedBases(record).map(({ name, digest, before }) => ({
      URI: name,
      Digests: [digest],
      ...(before === undefined ? {} : { DigestBefore: before }),
    })),
    Digest: record.digest ?? '',
    ImageID: record.result?.imageId ?? '',
    Stages: stages,
    Steps: steps,
    Warnings: record.warnings,
    Imported: record.isImported,
    Varve: record.varve,
    Host: platformText(record.host),
    DockerfileText: record.dockerfile?.text ?? '',
  };
}

function print(cli: Cli, record: BuildRecord): void {
  const { request, dockerfile, result, error } = record;
  const say = (line: string) => cli.stdout.line(line);
  table(cli, [
    ['Name:', record.name],
    ['Ref:', record.id],
    ['Status:', STATUS_WORDS[record.status] + (record.isImported ? ' (imported)' : '')],
    ['Context:', record.context],
    ['Context digest:', record.contextDigest ?? ''],
    ['Dockerfile:', dockerfile?.path ?? ''],
    ['Target:', request.target ?? ''],
  ]);
  say('');
  table(cli, [
    ['Started:', new Date(record.startedAt).toLocaleString('sv')],
    ['Duration:', formatSeconds(record.durationMs)],
    ['Build Steps:', stepsText(record.steps)],
    ['Network:', request.network],
    ['No Cache:', request.noCache ? 'true' : ''],
    ['Pull:', request.pull ? 'true' : ''],
    ['Varve:', `${record.varve} on ${platformText(record.host)}`],
    ['Digest:', result?.digest ?? ''],
    ['Image ID:', result?.imageId ?? ''],
  ]);
  section(cli, ['BUILD ARG', 'VALUE'], Object.entries(request.buildArgs));
  section(cli, ['LABEL', 'VALUE'], Object.entries(request.labels));
  section(
    cli,
    ['BASE', 'DIGEST', 'THE BUILD BEFORE HAD'],
    recordedBases(record).map(({ name, digest, before }) => [name, digest, before ?? '']),
  );
  section(cli, ['STEP', 'OUTCOME', 'TIME', 'WHY'], record.steps.map(stepRow));
  if (error !== undefined) {
    const { code, ...rest } = error;
    say('');
    for (const line of formatError(new EngineError(code, error.message, rest), cli).split('\n')) say(line);
  }
  say('');
  say(`Print build logs: varve builds logs ${record.id}`);
}

function stepsText(steps: readonly RecordedStep[]): string {
  const count = (...outcomes: string[]) =>
    steps.filter(({ outcome = '' }) => outcomes.includes(outcome)).length;
  const done = count('ran', 'cached');
  const share = done === 0 ? 0 : Math.round((100 * count('cached')) / done);
  return `${done}/${steps.length} (${share}% cached)`;
}

function stepRow({ stage, instruction, outcome, startMs, endMs, reason }: RecordedStep): string[] {
  const time = startMs === undefined || endMs === undefined ? '' : formatSeconds(endMs - startMs);
  return [cut(`[${stage}] ${instruction}`), outcome ?? 'not reached', time, reason?.text ?? ''];
}

const LONGEST = 60;

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}

function section(cli: Cli, heading: readonly string[], rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) return;
  cli.stdout.line('');
  table(cli, [heading, ...rows]);
}

/** Rows whose second cell is empty are not worth a line. */
function table(cli: Cli, rows: readonly (readonly string[])[]): void {
  const shown = rows.filter((row) => row[1] !== '').map((row) => row.map(cleanLine));
  for (const line of formatTable(shown)) cli.stdout.line(line.trimEnd());
}

function platformText({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter((part) => part !== undefined).join('/');
}
