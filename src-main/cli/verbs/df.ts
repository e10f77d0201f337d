import { Command, Option } from 'commander';
import type { DiskUsage } from '../../contract/store-api.ts';
import type { Cli } from '../cli.ts';
import { formatHumanSize } from '../format/human-size.ts';
import { formatTable } from '../format/table.ts';

const EXAMPLES = `
Examples:
  varve df
  varve df --format json | jq .reclaimableBytes`;

export function dfCommand(cli: Cli): Command {
  return new Command('df')
    .description('Shows what the store takes on disk, each byte counted once, and what a prune would free.')
    .addOption(new Option('--format <format>', 'json: one object, in bytes').choices(['json']))
    .addHelpText('after', EXAMPLES)
    .action(async ({ format }: { readonly format?: 'json' }) => {
      const usage = await cli.withEngine((api) => api.store.diskUsage({}, { signal: cli.signal }));
      if (format === 'json') return cli.stdout.line(JSON.stringify(usage));
      for (const line of formatTable(toTable(usage))) cli.stdout.line(line);
    });
}

function toTable(usage: DiskUsage): string[][] {
  return [
    ['TYPE', 'TOTAL', 'SIZE'],
    ['Images', String(usage.images), formatHumanSize(usage.imageBytes)],
    ['Build cache', '', formatHumanSize(usage.cacheBytes)],
    ['Snapshots', '', formatHumanSize(usage.snapshotBytes)],
    ['Build records', '', formatHumanSize(usage.recordBytes)],
    ['Other', '', formatHumanSize(usage.otherBytes)],
    ['All', `${usage.blobs} blobs`, formatHumanSize(usage.totalBytes)],
    ['Reclaimable', '', formatHumanSize(usage.reclaimableBytes)],
    ['Free on disk', '', formatHumanSize(usage.freeBytes)],
  ];
}
