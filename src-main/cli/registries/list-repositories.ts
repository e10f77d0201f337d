import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { everyPage } from './every-page.ts';

export function repositoriesCommand(cli: Cli): Command {
  return new Command('repositories')
    .alias('catalog')
    .description('Lists the repositories of a registry, where it tells them.')
    .argument('<registry>', 'for example localhost:5000')
    .option('--format <format>', 'json for one object a line; a name a line without it')
    .action((registry: string, { format }: { readonly format?: string }) =>
      cli.withEngine(async (api) => {
        const pages = everyPage(async (after) => {
          const { names, next } = await api.registries.repositories(
            { registry, after },
            { signal: cli.signal },
          );
          return { items: names, next };
        });
        for await (const name of pages) {
          cli.stdout.line(
            format === 'json' ? JSON.stringify({ Registry: registry, Repository: name }) : name,
          );
        }
      }),
    );
}
