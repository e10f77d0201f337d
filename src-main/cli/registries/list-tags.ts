import { Command } from 'commander';
import type { EngineApi } from '../../contract/engine-api.ts';
import { isEngineError } from '../../contract/errors.ts';
import type { Cli } from '../cli.ts';
import { formatSince } from '../format/human-duration.ts';
import { formatHumanSize } from '../format/human-size.ts';
import { printRows, type Column, type Row } from '../format/print-rows.ts';
import { everyPage } from './every-page.ts';

interface Options {
  readonly digests?: true;
  readonly format?: string;
}

const COLUMNS: readonly Column[] = [
  ['TAG', 'Tag'],
  ['DIGEST', 'Digest'],
  ['CREATED', 'CreatedSince'],
  ['SIZE', 'Size'],
  ['PLATFORMS', 'Platforms'],
];

export function tagsCommand(cli: Cli): Command {
  return new Command('tags')
    .description(
      'Lists the tags of a repository; with --digests what each of them names, which asks for each.',
    )
    .argument('<repository>', 'for example python, or ghcr.io/org/app')
    .option('--digests', 'with digest, date, size and platforms')
    .option('--format <format>', 'table, json (one object a line), or a template')
    .action((repository: string, options: Options) =>
      cli.withEngine(async (api) => {
        const tags = everyPage(async (after) => {
          const { tags: items, next } = await api.registries.tags(
            { repository, after },
            { signal: cli.signal },
          );
          return { items, next };
        });
        if (options.digests !== true && options.format === undefined) {
          for await (const tag of tags) cli.stdout.line(tag);
          return;
        }
        const rows: Row[] = [];
        for await (const tag of tags) {
          rows.push(
            options.digests
              ? await describe(cli, api, repository, tag)
              : { Repository: repository, Tag: tag },
          );
        }
        printRows(cli.stdout, rows, options.digests ? COLUMNS : COLUMNS.slice(0, 1), options.format);
      }),
    );
}

/** What cannot be read is told in its row: the other tags are still worth listing. */
async function describe(cli: Cli, api: EngineApi, repository: string, tag: string): Promise<Row> {
  try {
    const { signal } = cli;
    const detail = await api.registries.tagDetail({ ref: `${repository}:${tag}` }, { signal });
    const platforms = detail.platforms.map((each) => Object.values(each).filter(Boolean).join('/'));
    return {
      Repository: repository,
      Tag: tag,
      Digest: detail.digest,
      MediaType: detail.mediaType,
      CreatedAt: detail.createdAt ?? '',
      CreatedSince: formatSince(detail.createdAt, Date.now()),
      Size: formatHumanSize(detail.sizeBytes ?? 0),
      Platforms: platforms.join(',') || (detail.artifactType ?? ''),
    };
  } catch (error) {
    if (!isEngineError(error) || error.code === 'CANCELLED') throw error;
    return {
      Repository: repository,
      Tag: tag,
      Digest: `(${error.message})`,
      CreatedSince: '',
      Size: '',
      Platforms: '',
    };
  }
}
