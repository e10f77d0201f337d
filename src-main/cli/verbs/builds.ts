import { Command } from 'commander';
import { diffCommand } from '../builds/diff-builds.ts';
import { exportCommand, openCommand } from '../builds/exchange-builds.ts';
import { inspectCommand } from '../builds/inspect-build.ts';
import { listCommand } from '../builds/list-builds.ts';
import { logsCommand } from '../builds/print-log.ts';
import { removeCommand } from '../builds/remove-builds.ts';
import type { Cli } from '../cli.ts';

const EXAMPLES = `
Examples:
  varve builds                        the builds that ran on this store, from the window too
  varve builds ls --search libssl     those with that text in their log, Dockerfile or tags
  varve builds logs                   the log of the newest
  varve builds diff ^1                what was different about it
  varve builds export -o it.varvebuild; varve builds open it.varvebuild`;

export function buildsCommand(cli: Cli): Command {
  return new Command('builds')
    .description('Works with the records that builds leave: docker buildx history’s words.')
    .addCommand(listCommand(cli), { isDefault: true })
    .addCommand(inspectCommand(cli))
    .addCommand(logsCommand(cli))
    .addCommand(diffCommand(cli))
    .addCommand(exportCommand(cli))
    .addCommand(openCommand(cli))
    .addCommand(removeCommand(cli))
    .addHelpText('after', EXAMPLES);
}
