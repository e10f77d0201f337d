import { Command } from 'commander';
import type { EngineApi } from '../../contract/engine-api.ts';
import { isEngineError } from '../../contract/errors.ts';
import { EXIT, type Cli } from '../cli.ts';
import { fillTemplate } from '../format/go-template.ts';
import { formatError } from '../report-error.ts';

type Document = Readonly<Record<string, unknown>>;

const EXAMPLES = `
Examples:
  varve inspect app:1
  varve inspect --format '{{json .Config.Env}}' app:1
  varve inspect app:1 | jq '.[0].RootFS.Layers'`;

export function inspectCommand(cli: Cli): Command {
  return new Command('inspect')
    .description(
      'Prints a JSON array with everything about the named images, under docker’s keys and Digest.',
    )
    .argument('<ref...>', 'tags, digests or image IDs')
    .option('-f, --format <template>', 'a template for each image, in place of the array')
    .addHelpText('after', EXAMPLES)
    .action((refs: string[], options: { readonly format?: string }) => inspect(cli, refs, options.format));
}

/** Prints what is there; a name that is not is told on stderr, as docker does. */
async function inspect(cli: Cli, refs: readonly string[], format: string | undefined): Promise<void> {
  const documents = await cli.withEngine((api) => readAll(cli, api, refs));
  if (format === undefined || format === 'json') {
    return cli.stdout.line(JSON.stringify(documents, null, format === 'json' ? undefined : 4));
  }
  for (const document of documents) cli.stdout.line(fillTemplate(format, document));
}

async function readAll(cli: Cli, api: EngineApi, refs: readonly string[]): Promise<Document[]> {
  const documents: Document[] = [];
  for (const ref of refs) {
    try {
      documents.push((await api.images.inspect({ ref }, { signal: cli.signal })).inspect);
    } catch (error) {
      if (!isEngineError(error, 'NOT_FOUND')) throw error;
      cli.stderr.line(formatError(error, cli));
      cli.exitWith(EXIT.failed);
    }
  }
  return documents;
}
