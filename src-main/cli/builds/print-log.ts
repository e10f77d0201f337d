import { setTimeout } from 'node:timers/promises';
import { Command, Option } from 'commander';
import type { EngineApi } from '../../contract/engine-api.ts';
import { EngineError } from '../../contract/errors.ts';
import type { Cli } from '../cli.ts';
import { createJsonProgress } from '../progress/json-progress.ts';
import { createPlainProgress } from '../progress/plain-progress.ts';
import { formatError } from '../report-error.ts';
import { findBuild } from './find-build.ts';

interface Options {
  readonly progress: 'plain' | 'json' | 'rawjson';
  readonly follow?: true;
}

/** How often a build that runs is asked for more. */
const FOLLOW_MS = 300;

export function logsCommand(cli: Cli): Command {
  return new Command('logs')
    .alias('log')
    .description('Prints the log of a build; of the newest when none is named.')
    .argument('[build]', 'a build ID, or ^1 for the last but one')
    .addOption(
      new Option('--progress <how>', 'how to print it')
        .choices(['plain', 'json', 'rawjson'])
        .default('plain'),
    )
    .option('-f, --follow', 'go on until the build has ended')
    .action((word: string | undefined, options: Options) =>
      cli.withEngine(async (api) => printLog(cli, api, await findBuild(api, word), options)),
    );
}

async function printLog(cli: Cli, api: EngineApi, id: string, options: Options): Promise<void> {
  let now = 0;
  const write = (line: string) => cli.stdout.line(line);
  const isPlain = options.progress === 'plain';
  const progress = isPlain ? createPlainProgress(write, () => now) : createJsonProgress(write);
  for (let from = 0; ;) {
    const { events, next, isComplete } = await api.buildRecords.log({ id, from }, { signal: cli.signal });
    for (const { atMs, event } of events) {
      now = atMs;
      progress.show(event);
    }
    await cli.stdout.flush();
    if (isComplete || (next === from && !options.follow)) break;
    if (next === from) await setTimeout(FOLLOW_MS, undefined, { signal: cli.signal });
    from = next;
  }
  progress.end(false);
  const { error } = await api.buildRecords.get({ id });
  if (error === undefined || !isPlain) return;
  const { code, message, ...rest } = error;
  for (const line of formatError(new EngineError(code, message, rest), cli).split('\n')) write(line);
}
