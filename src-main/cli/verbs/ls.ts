import { posix } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { EngineApi } from '../../contract/engine-api.ts';
import { EngineError } from '../../contract/errors.ts';
import type { FileRow } from '../../contract/files-api.ts';
import type { Cli } from '../cli.ts';
import { cleanText } from '../format/clean-text.ts';
import { formatFileMode } from '../format/file-mode.ts';
import { formatMinute } from '../format/go-time.ts';
import { formatHumanSize } from '../format/human-size.ts';
import { refForPlatform } from '../ref-for-platform.ts';

interface Options {
  readonly long?: true;
  readonly recursive?: true;
  readonly human?: true;
  readonly sort: 'name' | 'size' | 'time';
  readonly layer?: number;
  readonly format?: 'json';
  readonly platform?: string;
}

type Order = (a: FileRow, b: FileRow) => number;

const PAGE = 10_000;
const ORDERS: Readonly<Record<Options['sort'], Order | undefined>> = {
  name: undefined,
  size: (a, b) => b.sizeBytes - a.sizeBytes,
  time: (a, b) => b.mtime - a.mtime,
};
const MARKS = { unmodified: ' ', added: '+', modified: '~', removed: '-' } as const;

const EXAMPLES = `
Examples:
  varve ls app:1 /etc
  varve ls -lh --sort size app:1 /usr/lib
  varve ls -R --layer 2 app:1            what the third layer did (+ ~ -)`;

export function lsCommand(cli: Cli): Command {
  return new Command('ls')
    .description('Lists a folder of an image, or of one of its layers, without unpacking anything.')
    .argument('<ref>', 'a tag, digest or image ID')
    .argument('[path]', 'the folder, or a file', '/')
    .option('--platform <os/arch>', 'the image for this platform, where there are several')
    .option('-l, --long', 'with type, permissions, owner, size and time')
    .option('-R, --recursive', 'with everything below, as full paths')
    .option('-h, --human', 'sizes for people')
    .addOption(new Option('--sort <order>', 'the order').choices(['name', 'size', 'time']).default('name'))
    .option('--layer <position>', 'only what this layer did, 0 for the lowest', parsePosition)
    .addOption(new Option('--format <format>', 'json: one object a line').choices(['json']))
    .helpOption('--help', 'explain this command')
    .addHelpText('after', EXAMPLES)
    .action((ref: string, path: string, options: Options) => list(cli, ref, path, options));
}

async function list(cli: Cli, ref: string, path: string, options: Options): Promise<void> {
  const folder = posix.resolve('/', path);
  await cli.withEngine(async (api) => {
    const where = { ref: await refForPlatform(api, ref, options.platform), layer: options.layer };
    for await (const rows of walk(cli, api, where, folder, options)) {
      for (const row of rows) await cli.stdout.bytes(`${formatRow(row, options)}\n`);
    }
  });
}

type Where = { readonly ref: string; readonly layer: number | undefined };

/** The rows to list, folder by folder; below `folder` too when asked for, each folder before what is in it. */
async function* walk(
  cli: Cli,
  api: EngineApi,
  where: Where,
  folder: string,
  options: Options,
): AsyncGenerator<readonly FileRow[]> {
  const rows = await readFolder(cli, api, where, folder);
  const order = ORDERS[options.sort];
  const ordered = order === undefined ? rows : rows.toSorted(order);
  if (!options.recursive) return yield ordered;
  for (const row of ordered) {
    yield [row];
    if (row.type === 'directory' && row.change !== 'removed') yield* walk(cli, api, where, row.path, options);
  }
}

/** The children of a folder; of anything else the one row of the thing itself. */
async function readFolder(cli: Cli, api: EngineApi, where: Where, folder: string): Promise<FileRow[]> {
  if (folder !== '/') {
    const itself = (await readChildren(cli, api, where, posix.dirname(folder))).find(
      (row) => row.path === folder,
    );
    if (itself !== undefined && itself.type !== 'directory' && itself.type !== 'symlink') return [itself];
    if (itself?.type === 'symlink') return readLinked(cli, api, where, itself);
  }
  return readChildren(cli, api, where, folder);
}

/** The folder that a link leads to, or the link itself when it leads to none. */
async function readLinked(cli: Cli, api: EngineApi, where: Where, link: FileRow): Promise<FileRow[]> {
  try {
    return await readChildren(cli, api, where, link.path);
  } catch (error) {
    if (error instanceof EngineError && error.code !== 'CANCELLED') return [link];
    throw error;
  }
}

async function readChildren(cli: Cli, api: EngineApi, where: Where, path: string): Promise<FileRow[]> {
  const rows: FileRow[] = [];
  for (;;) {
    const page = await api.files.children(
      { ...where, path, offset: rows.length, limit: PAGE },
      { signal: cli.signal },
    );
    rows.push(...page.rows);
    if (page.rows.length === 0 || rows.length >= page.total) return rows;
  }
}

function formatRow(row: FileRow, options: Options): string {
  if (options.format === 'json') return JSON.stringify(row);
  const mark = options.layer === undefined ? '' : `${MARKS[row.change]} `;
  const name = cleanText(options.recursive ? row.path : row.name);
  if (!options.long) return `${mark}${name}`;
  const size = options.human ? formatHumanSize(row.sizeBytes) : String(row.sizeBytes);
  const owner = `${row.uid}:${row.gid}`.padEnd(11);
  const link = row.link === undefined ? '' : ` -> ${cleanText(row.link)}`;
  const time = formatMinute(new Date(row.mtime * 1000));
  return `${mark}${formatFileMode(row.type, row.mode)} ${owner} ${size.padStart(10)} ${time} ${name}${link}`;
}

function parsePosition(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a number, 0 for the lowest layer.');
}
