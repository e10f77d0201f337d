import { Command, InvalidArgumentError } from 'commander';
import type { CacheEntry, CacheMount } from '../../contract/cache-api.ts';
import type { EngineApi } from '../../contract/engine-api.ts';
import { EngineError } from '../../contract/errors.ts';
import type { Digest } from '../../contract/oci-types.ts';
import type { Cli } from '../cli.ts';
import { confirm } from '../confirm.ts';
import { parseByteCount } from '../parse-byte-count.ts';
import { parseTime } from '../parse-time.ts';
import { formatMinute } from '../format/go-time.ts';
import { formatHumanSize } from '../format/human-size.ts';
import { printRows, type Column, type Row } from '../format/print-rows.ts';
import { shortDigest } from '../format/short-digest.ts';

const EXAMPLES = `
Examples:
  varve cache ls                            what the cache holds, last used first
  varve cache ls --format json              all that is known of each
  varve cache rm 3f2a9c7b11d0               forget a layer, and free it where no image needs it
  varve cache prune --filter until=24h      free what was not used since yesterday
  varve cache limits --max-size 5GB --max-age 14d`;

/** `varve cache`: docker buildx du and prune, by layer. */
export function cacheCommand(cli: Cli): Command {
  return new Command('cache')
    .description('Lists and removes what builds can take instead of making it. Images are never touched.')
    .addHelpText('after', EXAMPLES)
    .addCommand(lsCommand(cli))
    .addCommand(rmCommand(cli))
    .addCommand(pruneCommand(cli))
    .addCommand(limitsCommand(cli));
}

const COLUMNS: readonly Column[] = [
  ['ID', 'ID'],
  ['RECLAIMABLE', 'Reclaimable'],
  ['SIZE', 'Size'],
  ['LAST USED', 'LastUsed'],
  ['HITS', 'UsageCount'],
  ['DESCRIPTION', 'Description'],
];

function lsCommand(cli: Cli): Command {
  return new Command('ls')
    .description(
      'Lists the layers that the cache knows, * for one that images share, and RUN’s cache mounts.',
    )
    .option('--no-trunc', 'show digests and instructions in full')
    .option('--format <format>', 'table, json (one object a line), or a template')
    .action(async ({ trunc, format }: { readonly trunc: boolean; readonly format?: string }) => {
      const listed = await cli.withEngine((api) => api.cache.list({}));
      const isShort = trunc && format !== 'json';
      const rows = [
        ...listed.entries.map((entry) => toRow(entry, isShort)),
        ...listed.mounts.map((mount) => toMountRow(mount, isShort)),
      ];
      printRows(cli.stdout, rows, COLUMNS, format);
      if (format === undefined || format === 'table') printTotals(cli, listed);
    });
}

function toRow(entry: CacheEntry, isShort: boolean): Row {
  const { id, sizeBytes, freesBytes, images, hits, createdAt, lastUsedAt } = entry;
  const [line = ''] = entry.description.split('\n');
  return {
    ID: isShort ? shortDigest(id) : id,
    Type: 'regular',
    Reclaimable: String(freesBytes > 0),
    Shared: String(images.length > 0),
    Size: `${formatHumanSize(sizeBytes)}${isShort && images.length > 0 ? '*' : ''}`,
    Bytes: sizeBytes,
    CreatedAt: createdAt,
    LastUsedAt: lastUsedAt,
    LastUsed: formatMinute(new Date(lastUsedAt)),
    UsageCount: hits,
    Images: images.join(','),
    Description: isShort ? clip(line) : entry.description,
  };
}

function toMountRow({ id, name, sizeBytes, lastUsedAt, inUse }: CacheMount, isShort: boolean): Row {
  return {
    ID: isShort ? id.slice(0, SHORT_DIGITS) : id,
    Type: 'exec.cachemount',
    Reclaimable: String(!inUse),
    Shared: 'false',
    Size: formatHumanSize(sizeBytes),
    Bytes: sizeBytes,
    CreatedAt: '',
    LastUsedAt: lastUsedAt,
    LastUsed: formatMinute(new Date(lastUsedAt)),
    UsageCount: '',
    Images: '',
    Description: `cache mount ${name}`,
  };
}

const SHORT_DIGITS = 12;
const SHOWN_CHARACTERS = 60;

function clip(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS - 1)}…` : text;
}

/** What the cache alone takes is what `varve df` calls the build cache. */
type Listed = Awaited<ReturnType<EngineApi['cache']['list']>>;

function printTotals(cli: Cli, { entries, mounts, otherBytes }: Listed): void {
  const sum = (some: readonly { readonly sizeBytes: number }[]) =>
    some.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
  const isShared = ({ images }: CacheEntry) => images.length > 0;
  const own = sum(entries.filter((entry) => !isShared(entry)));
  const unused = sum(mounts.filter(({ inUse }) => !inUse));
  const reclaimable = entries.reduce((bytes, { freesBytes }) => bytes + freesBytes, unused);
  cli.stdout.line('');
  cli.stdout.line(`Shared with images: ${formatHumanSize(sum(entries.filter(isShared)))}`);
  cli.stdout.line(`Only in the cache:  ${formatHumanSize(own)}`);
  cli.stdout.line(`Reclaimable:        ${formatHumanSize(reclaimable)}`);
  cli.stdout.line(`Cache mounts:       ${formatHumanSize(sum(mounts))}`);
  cli.stdout.line(`Indexes and notes:  ${formatHumanSize(otherBytes)}`);
  cli.stdout.line(`Build cache:        ${formatHumanSize(own + sum(mounts) + otherBytes)}`);
}

function rmCommand(cli: Cli): Command {
  return new Command('rm')
    .description(
      'Makes the cache forget layers, and removes those that nothing else needs; also cache mounts.',
    )
    .argument('<id...>', 'IDs as "varve cache ls" shows them, or the beginnings of them')
    .action((ids: readonly string[]) =>
      cli.withEngine(async (api) => {
        const listed = await api.cache.list({});
        const found = ids.map((id) => findEntry(listed, id));
        const request = {
          ids: found.flatMap(({ layer }) => layer ?? []),
          mounts: found.flatMap(({ mount }) => mount ?? []),
        };
        report(cli, await api.cache.remove(request, { signal: cli.signal }));
      }),
    );
}

const LEAST_DIGITS = 4;

/** A layer or a cache mount by the beginning of its digits. */
function findEntry(
  { entries, mounts }: Listed,
  text: string,
): { readonly layer?: Digest; readonly mount?: string } {
  const digits = text.replace(/^sha256:/, '').toLowerCase();
  const found = [
    ...entries.map(({ id }) => ({ layer: id, digits: id.slice('sha256:'.length) })),
    ...mounts.map(({ id }) => ({ mount: id, digits: id })),
  ].filter((one) => one.digits.startsWith(digits));
  const [first] = found;
  if (first !== undefined && found.length === 1 && digits.length >= LEAST_DIGITS) return first;
  const why = first === undefined ? 'is not in the build cache' : 'is the beginning of several digests';
  throw new EngineError(first === undefined ? 'NOT_FOUND' : 'INVALID_INPUT', `${text} ${why}`, {
    hint: 'Run "varve cache ls" to see what is there.',
  });
}

interface PruneOptions {
  readonly force?: true;
  readonly all?: true;
  readonly dryRun?: true;
  readonly maxUsedSpace?: number;
  readonly filter?: number;
}

function pruneCommand(cli: Cli): Command {
  return new Command('prune')
    .description(
      'Removes what only the cache needs, cache mounts too. Layers of images stay, and so does what is in use.',
    )
    .option('-f, --force', 'do not ask')
    .option('--dry-run', 'only say what would be freed')
    .option('-a, --all', 'accepted for habit: all of it goes unless something is kept')
    .option('--max-used-space <size>', 'keep so much, of what was used last, for example 2GB', parseByteCount)
    .option(
      '--filter <filter>',
      'until=TIME: only what was not used for so long, for example until=24h',
      parseUntil,
    )
    .action((options: PruneOptions) => cli.withEngine((api) => prune(cli, api, options)));
}

async function prune(cli: Cli, api: EngineApi, options: PruneOptions): Promise<void> {
  const { signal } = cli;
  const limits = {
    ...(options.maxUsedSpace === undefined ? {} : { maxBytes: options.maxUsedSpace }),
    ...(options.filter === undefined ? {} : { maxAgeMs: options.filter }),
  };
  if (options.dryRun || !options.force) {
    const { entries, freedBytes } = await api.cache.prune({ ...limits, dryRun: true }, { signal });
    cli.stdout.line(
      `Would free ${freedBytes} bytes (${formatHumanSize(freedBytes)}): ${countEntries(entries)}`,
    );
    if (options.dryRun || !(await confirm(cli, 'cache prune'))) return;
  }
  report(cli, await api.cache.prune(limits, { signal }));
}

function report(cli: Cli, { entries, freedBytes }: { entries: number; freedBytes: number }): void {
  cli.stdout.line(`Removed ${countEntries(entries)} from the cache`);
  cli.stdout.line(`Total reclaimed space: ${formatHumanSize(freedBytes)}`);
}

function countEntries(entries: number): string {
  return `${entries} ${entries === 1 ? 'entry' : 'entries'}`;
}

function parseUntil(text: string): number {
  const [, time] = /^until=(.+)$/.exec(text) ?? [];
  if (time !== undefined) return parseTime(time);
  throw new InvalidArgumentError('It is until=TIME, for example until=24h.');
}

interface LimitOptions {
  readonly maxSize?: number;
  readonly maxAge?: number;
  readonly reset?: true;
}

function limitsCommand(cli: Cli): Command {
  return new Command('limits')
    .description(
      'Shows or sets how much of what only the cache needs, cache mounts included, is kept after each build.',
    )
    .option('--max-size <size>', 'for example 5GB, or none', (text) => orNone(text, parseByteCount))
    .option('--max-age <time>', 'since its last use, for example 14d, or none', (text) =>
      orNone(text, parseTime),
    )
    .option('--reset', 'back to the defaults')
    .action((options: LimitOptions) =>
      cli.withEngine(async (api) => {
        const now = await api.cache.limits({});
        const maxBytes = options.maxSize === undefined ? now.maxBytes : finite(options.maxSize);
        const maxAgeMs = options.maxAge === undefined ? now.maxAgeMs : finite(options.maxAge);
        const isSet = options.maxSize !== undefined || options.maxAge !== undefined;
        const held =
          isSet || options.reset
            ? await api.cache.setLimits(isSet ? { limits: { maxBytes, maxAgeMs } } : {})
            : now;
        cli.stdout.line(`Size: ${held.maxBytes === null ? 'no limit' : formatHumanSize(held.maxBytes)}`);
        cli.stdout.line(`Age:  ${held.maxAgeMs === null ? 'no limit' : formatAge(held.maxAgeMs)}`);
        if (held.isDefault) cli.stdout.line('These are the defaults.');
      }),
    );
}

function orNone(text: string, parse: (text: string) => number): number {
  return text === 'none' ? Infinity : parse(text);
}

function finite(value: number): number | null {
  return value === Infinity ? null : value;
}

const HOUR_MS = 3_600_000;

function formatAge(ms: number): string {
  const hours = Math.round(ms / HOUR_MS);
  return hours % 24 === 0 ? `${hours / 24}d` : `${hours}h`;
}
