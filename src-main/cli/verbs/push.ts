import { Command, Option } from 'commander';
import type { EngineApi } from '../../contract/engine-api.ts';
import { EngineError } from '../../contract/errors.ts';
import type { Cli } from '../cli.ts';
import { PULL_STYLES, type PullStyle } from '../progress/pull-progress.ts';
import { createPushReport } from '../push/push-report.ts';
import { printPreview } from '../push/print-preview.ts';

interface Options {
  readonly allTags?: true;
  readonly allPlatforms?: true;
  readonly platform?: string;
  readonly quiet?: true;
  readonly dryRun?: true;
  readonly progress: PullStyle;
  readonly format?: 'json';
}

const EXAMPLES = `
Examples:
  varve push ghcr.io/org/app:1.0
  varve push app:1 localhost:5000/app:1     an image of another name, without a tag for it here
  varve push --dry-run ghcr.io/org/app:1.0  what would be sent, and where the tag points now
  varve push -a ghcr.io/org/app             every tag of it`;

export function pushCommand(cli: Cli): Command {
  return new Command('push')
    .description(
      'Sends an image to a registry, byte for byte: the digest shown is the one that it has here. What is kept with it goes too: signatures, attestations, SBOMs.',
    )
    .argument('<image>', 'name[:tag], name@digest or an image ID')
    .argument('[target]', 'where to, when its name does not say it: name[:tag] or name@digest')
    .option('-a, --all-tags', 'every tag of this repository')
    .option('--all-platforms', 'an index only whole, with the images for all its platforms')
    .option('--platform <os/arch>', 'of an index only the image for this platform')
    .option('-q, --quiet', 'print the name only')
    .option('--dry-run', 'only say what would be sent')
    .addOption(
      new Option('--progress <style>', 'how progress is shown, on standard error')
        .choices(PULL_STYLES)
        .default('auto'),
    )
    .addOption(
      new Option('--format <format>', 'json: what was pushed, or would be, as one object').choices(['json']),
    )
    .addHelpText('after', EXAMPLES)
    .action((image: string, target: string | undefined, options: Options) =>
      push(cli, image, target, options),
    );
}

async function push(cli: Cli, ref: string, target: string | undefined, options: Options): Promise<void> {
  const { parsePlatform } = await import('../../engine/engine.ts');
  const platform = options.platform === undefined ? undefined : parsePlatform(options.platform);
  const what = { platform, allPlatforms: options.allPlatforms };
  await cli.withEngine(async (api) => {
    const refs = options.allTags === true ? await allTags(api, ref, target) : [ref];
    for (const each of refs) {
      const request = { ref: each, target, ...what };
      if (options.dryRun === true) await preview(cli, api, request, options);
      else await pushOne(cli, api, request, options);
    }
  });
}

type Request = Parameters<EngineApi['images']['push']>[0];

async function preview(cli: Cli, api: EngineApi, request: Request, { format }: Options): Promise<void> {
  const found = await api.registries.pushPreview(request, { signal: cli.signal });
  if (format === 'json') cli.stdout.line(JSON.stringify(found));
  else printPreview(cli, found);
}

async function pushOne(cli: Cli, api: EngineApi, request: Request, options: Options): Promise<void> {
  const report = createPushReport(cli, options.quiet === true ? 'quiet' : options.progress);
  const result = await api.images
    .push(request, { signal: cli.signal, onProgress: report.onProgress })
    .finally(() => report.end());
  if (options.format === 'json') cli.stdout.line(JSON.stringify(result));
  else report.done(result);
}

async function allTags(
  api: EngineApi,
  repository: string,
  target: string | undefined,
): Promise<readonly string[]> {
  const hasTag = repository.lastIndexOf(':') > repository.lastIndexOf('/') || repository.includes('@');
  if (hasTag || target !== undefined) {
    throw new EngineError(
      'INVALID_INPUT',
      '--all-tags takes a repository, without a tag and without a target',
    );
  }
  const names = (await api.images.list({ repository })).flatMap(({ name }) => name ?? []);
  if (names.length > 0) return names;
  throw new EngineError('NOT_FOUND', `there is no tag of ${repository}`, {
    hint: 'Run "varve images" to see what is there.',
  });
}
