import { Command } from 'commander';
import type { EngineApi } from '../../contract/engine-api.ts';
import type { PruneResult } from '../../contract/store-api.ts';
import type { Cli } from '../cli.ts';
import { confirm } from '../confirm.ts';
import { parseTime } from '../parse-time.ts';
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
    if (options.dryRun || !(await confirm(cli, 'prune'))) return;
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
