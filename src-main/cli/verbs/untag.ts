import { Command } from 'commander';
import type { Cli } from '../cli.ts';

const EXAMPLES = `
Examples:
  varve untag app:1
  varve tag --undo app:1     and back again`;

export function untagCommand(cli: Cli): Command {
  return new Command('untag')
    .description('Removes tags. The images stay until a prune after the grace period.')
    .argument('<name...>', 'the tags')
    .addHelpText('after', EXAMPLES)
    .action((names: string[]) => untag(cli, names));
}

async function untag(cli: Cli, names: readonly string[]): Promise<void> {
  await cli.withEngine(async (api) => {
    for (const name of names) {
      const event = await api.images.untag({ name }, { signal: cli.signal });
      cli.stdout.line(`Untagged: ${event.name}`);
    }
  });
}
