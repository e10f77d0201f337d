import { Command, Option } from 'commander';
import type { ImageRow } from '../../contract/images-api.ts';
import type { Cli } from '../cli.ts';
import { formatGoTime } from '../format/go-time.ts';
import { formatSince } from '../format/human-duration.ts';
import { formatHumanSize } from '../format/human-size.ts';
import { printRows, type Column, type Row } from '../format/print-rows.ts';
import { shortDigest } from '../format/short-digest.ts';
import { printImageTree } from '../images/print-image-tree.ts';

interface Options {
  readonly all?: true;
  readonly digests?: true;
  readonly trunc: boolean;
  readonly quiet?: true;
  readonly tree?: true;
  readonly format?: string;
}

const EXAMPLES = `
Examples:
  varve images
  varve images --digests app
  varve images --format '{{.Repository}}:{{.Tag}} {{.Digest}}'
  varve images --format json | jq -r .ID`;

export function imagesCommand(cli: Cli): Command {
  return new Command('images')
    .description('Lists images, newest first. Without a repository all of them.')
    .argument('[repository]', 'list only this repository, or only this tag')
    .option('-a, --all', 'also images that no tag names')
    .option('--digests', 'show the digests')
    .option('--no-trunc', 'show image IDs in full')
    .option('-q, --quiet', 'print image IDs only')
    .addOption(
      new Option(
        '--tree',
        'also what an image index names, and what is kept with an image: signatures, attestations, SBOMs',
      ).conflicts(['quiet', 'format']),
    )
    .addOption(new Option('--format <format>', 'table, json (one object a line), or a template'))
    .addHelpText('after', EXAMPLES)
    .action((repository: string | undefined, options: Options) => listImages(cli, repository, options));
}

async function listImages(cli: Cli, repository: string | undefined, options: Options): Promise<void> {
  const rows = await cli.withEngine((api) => api.images.list({ repository, untagged: options.all ?? false }));
  if (options.tree === true) return printImageTree(cli.stdout, rows);
  const nowMs = Date.now();
  const shown = rows.map((row) => toRow(row, options.trunc, nowMs));
  if (options.quiet) return shown.forEach((row) => cli.stdout.line(String(row.ID)));
  printRows(cli.stdout, shown, columns(options.digests ?? false), options.format);
}

function columns(digests: boolean): Column[] {
  return [
    ['REPOSITORY', 'Repository'],
    ['TAG', 'Tag'],
    ...(digests ? [['DIGEST', 'Digest'] as const] : []),
    ['IMAGE ID', 'ID'],
    ['CREATED', 'CreatedSince'],
    ['SIZE', 'Size'],
  ];
}

function toRow(row: ImageRow, short: boolean, nowMs: number): Row & { readonly ID: string } {
  return {
    Repository: row.repository ?? '<none>',
    Tag: row.tag ?? '<none>',
    Digest: row.digest,
    ID: short ? shortDigest(row.imageId) : row.imageId,
    CreatedAt: formatGoTime(row.createdAt),
    CreatedSince: formatSince(row.createdAt, nowMs),
    Size: formatHumanSize(row.sizeBytes),
  };
}
