import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { formatHumanSize } from '../format/human-size.ts';
import { printRows, type Column } from '../format/print-rows.ts';

interface Options {
  readonly artifactType?: string;
  readonly format?: string;
}

const COLUMNS: readonly Column[] = [
  ['DIGEST', 'Digest'],
  ['ARTIFACT TYPE', 'ArtifactType'],
  ['SIZE', 'Size'],
];

export function referrersCommand(cli: Cli): Command {
  return new Command('referrers')
    .alias('discover')
    .description(
      'Lists what says of itself that it belongs to an image: signatures, attestations and the like.',
    )
    .argument('<image>', 'name[:tag] or name@digest')
    .option('--artifact-type <type>', 'only those of this type')
    .option('--format <format>', 'table, json (one object a line), or a template')
    .action(async (ref: string, { artifactType, format }: Options) => {
      const { subject, referrers } = await cli.withEngine((api) =>
        api.registries.referrers({ ref, artifactType }, { signal: cli.signal }),
      );
      const rows = referrers.map((entry) => ({
        Subject: subject,
        Digest: entry.digest,
        MediaType: entry.mediaType,
        ArtifactType: entry.artifactType ?? '',
        Size: formatHumanSize(entry.sizeBytes),
        Annotations: JSON.stringify(entry.annotations ?? {}),
      }));
      printRows(cli.stdout, rows, COLUMNS, format);
    });
}
