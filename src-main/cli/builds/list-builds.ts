import { Command, InvalidArgumentError } from 'commander';
import type { BuildStatus, BuildSummary } from '../../contract/build-records-api.ts';
import type { Cli } from '../cli.ts';
import { formatSince } from '../format/human-duration.ts';
import { printRows, type Column, type Row } from '../format/print-rows.ts';
import { shortDigest } from '../format/short-digest.ts';
import { formatSeconds } from './format-seconds.ts';
import { STATUS_WORDS } from './status-word.ts';

interface Options {
  readonly filter: readonly BuildStatus[];
  readonly search?: string;
  readonly limit: number;
  readonly trunc: boolean;
  readonly quiet?: true;
  readonly format?: string;
}

const COLUMNS: readonly Column[] = [
  ['BUILD ID', 'Ref'],
  ['NAME', 'Name'],
  ['STATUS', 'Status'],
  ['CREATED AT', 'CreatedAt'],
  ['DURATION', 'Duration'],
  ['DIGEST', 'Digest'],
];

const WORDS: Readonly<Record<string, BuildStatus>> = {
  running: 'running',
  completed: 'succeeded',
  error: 'failed',
  canceled: 'cancelled',
  interrupted: 'interrupted',
};

export function listCommand(cli: Cli): Command {
  return new Command('ls')
    .alias('list')
    .description('Lists the builds that ran on this store, newest first.')
    .option('--filter <filter>', 'status=running|completed|error|canceled|interrupted', parseFilter, [])
    .option('--search <text>', 'only builds with this text in tags, paths, Dockerfile or log')
    .option('-n, --limit <count>', 'at most so many', parseCount, 50)
    .option('--no-trunc', 'show digests in full')
    .option('-q, --quiet', 'print build IDs only')
    .option('--format <format>', 'table, json (one object a line), or a template')
    .action((options: Options) => listBuilds(cli, options));
}

async function listBuilds(cli: Cli, options: Options): Promise<void> {
  const { filter: status, search, limit } = options;
  const question = { ...(status.length === 0 ? {} : { status: [...status] }), search, limit };
  const { builds } = await cli.withEngine((api) => api.buildRecords.list(question, { signal: cli.signal }));
  if (options.quiet) return builds.forEach(({ id }) => cli.stdout.line(id));
  if (options.format === 'json')
    return builds.forEach((build) => cli.stdout.line(JSON.stringify(toJson(build))));
  const rows = builds.map((build) => toRow(build, options.trunc, Date.now()));
  printRows(cli.stdout, rows, COLUMNS, options.format);
}

function toRow(build: BuildSummary, short: boolean, nowMs: number): Row {
  const { digest } = build;
  return {
    Ref: build.id,
    Name: build.name,
    Status: STATUS_WORDS[build.status],
    CreatedAt: formatSince(build.startedAt, nowMs),
    Duration: formatSeconds(build.durationMs),
    Digest: digest === undefined ? '' : short ? shortDigest(digest) : digest,
    Context: build.context,
  };
}

/** docker's keys, and what it does not tell. */
function toJson(build: BuildSummary): object {
  const { id, name, status, startedAt, durationMs, steps, digest, tags, context, failure, isImported } =
    build;
  const ended = status !== 'running' && status !== 'interrupted';
  return {
    ref: id,
    name,
    status: STATUS_WORDS[status],
    created_at: startedAt,
    ...(ended ? { completed_at: new Date(Date.parse(startedAt) + durationMs).toISOString() } : {}),
    total_steps: steps.total,
    completed_steps: steps.ran + steps.cached,
    cached_steps: steps.cached,
    tags,
    context,
    digest,
    error: failure,
    imported: isImported,
  };
}

function parseFilter(text: string, before: readonly BuildStatus[]): readonly BuildStatus[] {
  const word = /^status=(\w+)$/.exec(text)?.[1] ?? '';
  const status = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  if (status !== undefined) return [...before, status];
  throw new InvalidArgumentError(`It is status= and one of ${Object.keys(WORDS).join(', ')}.`);
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text) && Number(text) <= 5000) return Number(text);
  throw new InvalidArgumentError('It is a number from 1 to 5000.');
}
