import { Command } from 'commander';
import type { Cli } from '../cli.ts';

export function removeCommand(cli: Cli): Command {
  return new Command('rm')
    .description(
      'Removes tags at their registry; by digest an image there with every tag that points at it. There is no way back.',
    )
    .argument('<image...>', 'name:tag or name@digest')
    .action((refs: string[]) =>
      cli.withEngine(async (api) => {
        for (const ref of refs) {
          const { deleted, name } = await api.registries.deleteRemote({ ref }, { signal: cli.signal });
          cli.stdout.line(deleted === 'tag' ? `Untagged: ${name}` : `Deleted: ${name}`);
        }
      }),
    );
}
