import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { formatHumanSize } from '../format/human-size.ts';
import { findBuild } from './find-build.ts';

export function exportCommand(cli: Cli): Command {
  return new Command('export')
    .description('Writes a build into one file that can be opened anywhere; no secret is in it.')
    .argument('[build]', 'a build ID, or ^1 for the last but one')
    .option('-o, --output <file>', 'the file; BUILD_ID.varvebuild when absent')
    .action((word: string | undefined, { output }: { readonly output?: string }) =>
      cli.withEngine(async (api) => {
        const id = await findBuild(api, word);
        const destination = resolve(cli.cwd, output ?? `${id}.varvebuild`);
        const { sizeBytes } = await api.buildRecords.export({ id, destination }, { signal: cli.signal });
        cli.stdout.line(`Exported: ${destination} (${formatHumanSize(sizeBytes)})`);
      }),
    );
}

export function openCommand(cli: Cli): Command {
  return new Command('open')
    .alias('import')
    .description('Takes over builds from files that varve builds export has written.')
    .argument('<file...>', 'the files')
    .action((files: string[]) =>
      cli.withEngine(async (api) => {
        for (const file of files) {
          const { id, name } = await api.buildRecords.open(
            { source: resolve(cli.cwd, file) },
            { signal: cli.signal },
          );
          cli.stdout.line(`Opened: ${id} ${name}`);
        }
      }),
    );
}
