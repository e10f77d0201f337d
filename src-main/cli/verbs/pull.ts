import { Command, InvalidArgumentError, Option } from 'commander';
import type { RateLimit } from '../../contract/oci-types.ts';
import type { Cli } from '../cli.ts';
import { describeTagEvent } from '../format/describe-tag-event.ts';
import { createPullProgress, PULL_STYLES, type PullStyle } from '../progress/pull-progress.ts';

interface Options {
  readonly platform?: string;
  readonly allPlatforms?: true;
  readonly parallel?: number;
  readonly referrers: boolean;
  readonly progress: PullStyle;
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
    .option(
      '--no-referrers',
      'without what refers to the image: signatures, attestations, SBOMs (up to 64, together up to 32 MiB)',
    )
    .option('--parallel <count>', 'how many layers to pull at once', parseCount)
    .addOption(
      new Option('--progress <style>', 'how progress is shown, on standard error; json is one line a change')
        .choices(PULL_STYLES)
        .default('auto'),
    )
    .option('-q, --quiet', 'print the complete name only')
    .addHelpText('after', EXAMPLES)
    .action((image: string, options: Options) => pull(cli, image, options));
}

async function pull(cli: Cli, ref: string, options: Options): Promise<void> {
  const { parsePlatform } = await import('../../engine/engine.ts');
  const platform = options.platform === undefined ? undefined : parsePlatform(options.platform);
  const style = options.quiet === true ? 'quiet' : options.progress;
  const progress = createPullProgress(cli.stderr, style);
  const { allPlatforms, parallel, referrers } = options;
  const { digest, name, event, transferredBytes, rateLimit, notes } = await cli.withEngine((api) =>
    api.images
      .pull(
        { ref, platform, allPlatforms, parallel, referrers },
        { signal: cli.signal, onProgress: progress.onProgress },
      )
      .finally(() => progress.end()),
  );
  if (event?.from !== undefined) {
    cli.stderr.line(`${describeTagEvent(event)} (undo: varve tag --undo ${event.name})`);
  }
  if (options.quiet === true) return cli.stdout.line(name);
  for (const note of notes) cli.stderr.line(note);
  if (rateLimit !== undefined) cli.stderr.line(describeRateLimit(name, rateLimit));
  const isNew = event !== undefined || transferredBytes > 0;
  const status = isNew ? 'Downloaded newer image for' : 'Image is up to date for';
  cli.stdout.line(`Digest: ${digest}\nStatus: ${status} ${ref}\n${name}`);
}

function describeRateLimit(name: string, { limit, remaining, windowSeconds }: RateLimit): string {
  const [registry] = name.split('/');
  const hours = windowSeconds === 0 ? '' : ` within ${Math.round(windowSeconds / 360) / 10} h`;
  return `${registry}: ${remaining} of ${limit} pulls are left${hours}`;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 32) return count;
  throw new InvalidArgumentError('a number from 1 to 32 is expected.');
}
