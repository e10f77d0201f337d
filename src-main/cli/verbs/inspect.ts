import { Command } from 'commander';
import type { EngineApi } from '../../contract/engine-api.ts';
import { isEngineError } from '../../contract/errors.ts';
import { EXIT, type Cli } from '../cli.ts';
import { fillTemplate } from '../format/go-template.ts';
import { refForPlatform } from '../ref-for-platform.ts';
import { formatError } from '../report-error.ts';

interface Options {
  readonly format?: string;
  readonly platform?: string;
}

type Document = Readonly<Record<string, unknown>>;

const EXAMPLES = `
Examples:
  varve inspect app:1
  varve inspect --format '{{json .Config.Env}}' app:1
  varve inspect --platform linux/arm64 app:1
  varve inspect app:1 | jq '.[0].RootFS.Layers'`;

export function inspectCommand(cli: Cli): Command {
  return new Command('inspect')
    .description(
      'Prints a JSON array with everything about the named images, under docker’s keys and Digest.',
    )
    .argument('<ref...>', 'tags, digests or image IDs')
    .option('--platform <os/arch>', 'the image for this platform, where there are several')
    .option('-f, --format <template>', 'a template for each image, in place of the array')
    .addHelpText('after', EXAMPLES)
    .action((refs: string[], options: Options) => inspect(cli, refs, options));
}

/** Prints what is there; a name that is not is told on stderr, as docker does. */
async function inspect(cli: Cli, refs: readonly string[], { format, platform }: Options): Promise<void> {
  const documents = await cli.withEngine((api) => readAll(cli, api, refs, platform));
  if (format === undefined || format === 'json') {
    return cli.stdout.line(JSON.stringify(documents, null, format === 'json' ? undefined : 4));
  }
  for (const document of documents) cli.stdout.line(fillTemplate(format, document));
}

async function readAll(
  cli: Cli,
  api: EngineApi,
  refs: readonly string[],
  platform: string | undefined,
): Promise<Document[]> {
  const documents: Document[] = [];
  for (const name of refs) {
    try {
      const ref = await refForPlatform(api, name, platform);
      documents.push((await api.images.inspect({ ref }, { signal: cli.signal })).inspect);
    } catch (error) {
      if (!isEngineError(error, 'NOT_FOUND')) throw error;
      cli.stderr.line(formatError(error, cli));
      cli.exitWith(EXIT.failed);
    }
  }
  return documents;
}
