import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { describeTagEvent } from '../format/describe-tag-event.ts';

const EXAMPLES = `
Examples:
  varve tag app:1 app:latest         app:latest now names the image of app:1
  varve tag 3f2a9c7b11d0 app:old     an image ID does as well
  varve tag --undo app:latest        back to where app:latest pointed before`;

export function tagCommand(cli: Cli): Command {
  const command = new Command('tag')
    .description('Points a tag at an image. Every move is recorded and can be undone.')
    .argument('[source]', 'the image: a tag, digest or image ID')
    .argument('[target]', 'the tag')
    .option('--undo <name>', 'revert this tag’s last move or removal')
    .addHelpText('after', EXAMPLES);
  return command.action(
    async (source: string | undefined, target: string | undefined, { undo }: { readonly undo?: string }) => {
      if (undo !== undefined && source === undefined) return undoMove(cli, undo);
      if (undo === undefined && source !== undefined && target !== undefined) {
        await cli.withEngine((api) => api.images.tag({ source, target }, { signal: cli.signal }));
        return;
      }
      command.error('varve: tag takes an image and a tag, or --undo and a tag', { exitCode: 2 });
    },
  );
}

async function undoMove(cli: Cli, name: string): Promise<void> {
  const event = await cli.withEngine((api) => api.images.undo({ name }, { signal: cli.signal }));
  cli.stdout.line(describeTagEvent(event));
}
