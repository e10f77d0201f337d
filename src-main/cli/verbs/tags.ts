import { Command, InvalidArgumentError } from 'commander';
import type { TagEvent } from '../../contract/images-api.ts';
import type { Cli } from '../cli.ts';
import { formatMinute } from '../format/go-time.ts';
import { printRows, type Column, type Row } from '../format/print-rows.ts';
import { shortDigest } from '../format/short-digest.ts';

interface Options {
  readonly limit?: number;
  readonly trunc: boolean;
  readonly format?: string;
}

const COLUMNS: readonly Column[] = [
  ['WHEN', 'When'],
  ['TAG', 'Tag'],
  ['FROM', 'From'],
  ['TO', 'To'],
  ['CAUSE', 'Cause'],
];

const EXAMPLES = `
Examples:
  varve tags app:1                  every image that app:1 ever pointed at
  varve tags --limit 10             the last ten moves of all tags
  varve tag app:1@sha256:… app:1    go back to any of them`;

export function tagsCommand(cli: Cli): Command {
  return new Command('tags')
    .description('Shows the history of a tag, or of all tags, newest first.')
    .argument('[name]', 'the tag')
    .option('-n, --limit <count>', 'at most so many moves', parseCount)
    .option('--no-trunc', 'show digests in full')
    .option('--format <format>', 'table, json (one object a line), or a template')
    .addHelpText('after', EXAMPLES)
    .action((name: string | undefined, options: Options) => showTags(cli, name, options));
}

async function showTags(cli: Cli, name: string | undefined, options: Options): Promise<void> {
  const events = await cli.withEngine((api) => api.images.tagHistory({ name, limit: options.limit }));
  const rows = events.map((event) => toRow(event, options.trunc && options.format !== 'json'));
  printRows(cli.stdout, rows, COLUMNS, options.format);
}

function toRow(event: TagEvent, short: boolean): Row {
  const digest = (value: string | undefined) => {
    if (value === undefined) return short ? '-' : '';
    return short ? shortDigest(value) : value;
  };
  return {
    Id: event.id,
    When: formatMinute(new Date(event.at)),
    At: event.at,
    Tag: event.name,
    From: digest(event.from),
    To: digest(event.to),
    Cause: event.cause,
  };
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text) && Number(text) <= 1000) return Number(text);
  throw new InvalidArgumentError('It is a number from 1 to 1000.');
}
