import { Command } from 'commander';
import { EngineError } from '../../contract/errors.ts';
import type { EngineApi } from '../../contract/engine-api.ts';
import type { Cli } from '../cli.ts';
import { findBuild } from './find-build.ts';

export function removeCommand(cli: Cli): Command {
  return new Command('rm')
    .description('Removes records of builds. Images stay.')
    .argument('[build...]', 'build IDs')
    .option('--all', 'every record but those of builds that run')
    .action((words: string[], { all }: { readonly all?: true }) => remove(cli, words, all === true));
}

async function remove(cli: Cli, words: readonly string[], all: boolean): Promise<void> {
  if (words.length === 0 && !all) {
    throw new EngineError('INVALID_INPUT', 'no build was named', { hint: 'Name some, or say --all.' });
  }
  await cli.withEngine(async (api) => {
    const ids = all ? await endedBuilds(api) : await Promise.all(words.map((word) => findBuild(api, word)));
    await api.buildRecords.remove({ ids });
    for (const id of ids) cli.stdout.line(`Removed: ${id}`);
  });
}

async function endedBuilds(api: EngineApi): Promise<string[]> {
  const { builds } = await api.buildRecords.list({ limit: 5000 });
  return builds.filter(({ status }) => status !== 'running').map(({ id }) => id);
}
