import { Command, Option } from 'commander';
import type { Cli } from '../cli.ts';
import { describeTagEvent } from '../format/describe-tag-event.ts';
import { createTransferLine } from '../progress/transfer-line.ts';

interface Options {
  readonly platform?: string;
  readonly allPlatforms?: true;
  readonly quiet?: true;
}

const EXAMPLES = `
Examples:
  varve pull python:3.12-slim
  varve pull localhost:5000/app@sha256:…
  varve pull --platform linux/arm64 busybox
  varve pull --all-platforms busybox`;

export function pullCommand(cli: Cli): Command {
  return new Command('pull')
    .description('Pulls an image from its registry by tag or digest; every byte is checked.')
    .argument('<image>', 'name[:tag] or name@digest')
    .option('--platform <os/arch>', 'the image for this platform, where there are several')
    .addOption(
      new Option(
        '--all-platforms',
        'all that an index names: the images for every platform, and what attests them',
      ).conflicts('platform'),
    )
    .option('-q, --quiet', 'say nothing while pulling')
    .addHelpText('after', EXAMPLES)
    .action((image: string, options: Options) => pull(cli, image, options));
}

async function pull(cli: Cli, ref: string, options: Options): Promise<void> {
  const { parsePlatform } = await import('../../engine/engine.ts');
  const platform = options.platform === undefined ? undefined : parsePlatform(options.platform);
  const line = createTransferLine(cli.stderr);
  const onProgress = options.quiet ? undefined : line.onProgress;
  const { digest, event } = await cli.withEngine((api) =>
    api.images
      .pull({ ref, platform, allPlatforms: options.allPlatforms }, { signal: cli.signal, onProgress })
      .finally(() => line.end()),
  );
  if (event?.from !== undefined) {
    cli.stderr.line(`${describeTagEvent(event)} (undo: varve tag --undo ${event.name})`);
  }
  cli.stdout.line(options.quiet ? ref : `Pulled ${ref}\nDigest: ${digest}`);
}
