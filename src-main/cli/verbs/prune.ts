import { createInterface } from 'node:readline/promises';
import { Command, InvalidArgumentError } from 'commander';
import type { EngineApi } from '../../contract/engine-api.ts';
import { EngineError } from '../../contract/errors.ts';
import type { PruneResult } from '../../contract/store-api.ts';
import type { Cli } from '../cli.ts';
import { formatHumanSize } from '../format/human-size.ts';
import { createTransferLine } from '../progress/transfer-line.ts';

interface Options {
  readonly force?: true;
  readonly dryRun?: true;
  readonly cache: boolean;
  readonly grace?: number;
}

const EXAMPLES = `
Examples:
  varve prune               says what it would free, and asks
  varve prune -f            frees it
  varve prune --grace 0     also what tags pointed at until just now; undo cannot bring that back`;

export function pruneCommand(cli: Cli): Command {
  return new Command('prune')
    .description('Frees what no tag, no tag’s recent history, no build and no lease points at any more.')
    .option('-f, --force', 'do not ask')
    .option('--dry-run', 'only say what would be freed')
    .option('--no-cache', 'keep the build cache')
    .option('--grace <time>', 'how long a tag’s history protects, for example 0, 12h or 7d', parseTime)
    .addHelpText('after', EXAMPLES)
    .action((options: Options) => cli.withEngine((api) => prune(cli, api, options)));
}

async function prune(cli: Cli, api: EngineApi, options: Options): Promise<void> {
  const request = {
    cache: options.cache,
    ...(options.grace === undefined ? {} : { graceMs: options.grace }),
  };
  if (options.dryRun || !options.force) {
    const plan = await api.store.prune({ ...request, dryRun: true }, { signal: cli.signal });
    cli.stdout.line(`Would free ${describe(plan)}`);
    if (options.dryRun || !(await confirm(cli))) return;
  }
  const line = createTransferLine(cli.stderr);
  const call = api.store.prune(request, { signal: cli.signal, onProgress: line.onProgress });
  const result = await call.finally(() => line.end());
  cli.stdout.line(`Freed ${describe(result)}`);
  cli.stdout.line(`Total reclaimed space: ${formatHumanSize(result.freedBytes)}`);
}

function describe({ freedBytes, blobs, images, cacheRecords, snapshots, buildRecords }: PruneResult): string {
  const parts = [
    `${images} images`,
    `${blobs} blobs`,
    `${cacheRecords} cache records`,
    `${snapshots} snapshots`,
    `${buildRecords} build records`,
  ];
  return `${freedBytes} bytes (${formatHumanSize(freedBytes)}): ${parts.join(', ')}`;
}

async function confirm(cli: Cli): Promise<boolean> {
  if (!cli.stdin.isTTY) {
    throw new EngineError('INVALID_INPUT', 'prune asks before it frees anything, and here is no one to ask', {
      hint: 'Say -f to free it without being asked.',
    });
  }
  const dialog = createInterface({ input: cli.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await dialog.question('Free it? [y/N] ', { signal: cli.signal })).trim());
  } finally {
    dialog.close();
  }
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function parseTime(text: string): number {
  const [, count, unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * (UNITS_MS[unit] ?? 0);
  throw new InvalidArgumentError('It is a number and s, m, h or d, for example 12h.');
}
