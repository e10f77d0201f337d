import { Command } from 'commander';
import type { HistoryRow, ImageDetail } from '../../contract/images-api.ts';
import type { Cli } from '../cli.ts';
import { formatGoTime } from '../format/go-time.ts';
import { formatSince } from '../format/human-duration.ts';
import { formatHumanSize } from '../format/human-size.ts';
import { printRows, type Column, type Row } from '../format/print-rows.ts';
import { refForPlatform } from '../ref-for-platform.ts';
import { shortDigest } from '../format/short-digest.ts';

interface Options {
  readonly trunc: boolean;
  readonly quiet?: true;
  readonly human: boolean;
  readonly format?: string;
  readonly platform?: string;
}

const LONGEST_COMMAND = 45;
const COLUMNS: readonly Column[] = [
  ['IMAGE', 'ID'],
  ['CREATED', 'CreatedSince'],
  ['CREATED BY', 'CreatedBy'],
  ['SIZE', 'Size'],
  ['COMMENT', 'Comment'],
];

const EXAMPLES = `
Examples:
  varve history app:1
  varve history --no-trunc --format '{{.Size}}\\t{{.CreatedBy}}' app:1`;

export function historyCommand(cli: Cli): Command {
  return new Command('history')
    .description('Shows the steps that made an image, newest first.')
    .argument('<ref>', 'a tag, digest or image ID')
    .option('--platform <os/arch>', 'the image for this platform, where there are several')
    .option('--no-trunc', 'show commands and IDs in full')
    .option('-q, --quiet', 'print image IDs only')
    .option('-H, --human', 'sizes and times for people', true)
    .option('--no-human', 'sizes in bytes, times as dates')
    .option('--format <format>', 'table, json (one object a line), or a template')
    .addHelpText('after', EXAMPLES)
    .action((ref: string, options: Options) => showHistory(cli, ref, options));
}

async function showHistory(cli: Cli, ref: string, options: Options): Promise<void> {
  const image = await cli.withEngine(async (api) =>
    api.images.inspect({ ref: await refForPlatform(api, ref, options.platform) }, { signal: cli.signal }),
  );
  const rows = toRows(image, options, Date.now());
  if (options.quiet) return rows.forEach((row) => cli.stdout.line(String(row.ID)));
  printRows(cli.stdout, rows, COLUMNS, options.format);
}

/** Newest first. Only the top of an image has an ID; the steps below it were never images. */
function toRows(image: ImageDetail, options: Options, nowMs: number): (Row & { readonly ID: string })[] {
  const newestFirst = image.history.toReversed();
  return newestFirst.map((step, at) => toRow(step, at === 0 ? image.imageId : undefined, options, nowMs));
}

function toRow(step: HistoryRow, imageId: string | undefined, options: Options, nowMs: number) {
  const id = imageId !== undefined && options.trunc ? shortDigest(imageId) : imageId;
  return {
    ID: id ?? '<missing>',
    CreatedAt: formatGoTime(step.createdAt),
    CreatedSince: options.human ? formatSince(step.createdAt, nowMs) : formatGoTime(step.createdAt),
    CreatedBy: options.trunc ? shorten(step.createdBy) : step.createdBy,
    Size: options.human ? formatHumanSize(step.sizeBytes) : String(step.sizeBytes),
    Comment: step.comment ?? '',
  };
}

function shorten(command: string): string {
  const line = command.replace(/\s+/g, ' ');
  return line.length <= LONGEST_COMMAND ? line : `${line.slice(0, LONGEST_COMMAND - 1)}…`;
}
