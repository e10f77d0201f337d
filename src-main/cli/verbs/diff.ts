import { Command, Option } from 'commander';
import type { Change } from '../../contract/files-api.ts';
import type { Cli } from '../cli.ts';
import { cleanText } from '../format/clean-text.ts';
import { createTransferLine } from '../progress/transfer-line.ts';

const LETTERS: Readonly<Record<Change, string>> = {
  added: 'A',
  modified: 'C',
  removed: 'D',
  unmodified: ' ',
};

const EXAMPLES = `
Examples:
  varve diff app:1 app:2
  varve diff --format json app:1 app:2 | jq -r 'select(.sizeBytes > 1000000).path'`;

export function diffCommand(cli: Cli): Command {
  return new Command('diff')
    .description(
      'Lists every path that differs between two images: A added, C changed, D deleted in the second.',
    )
    .argument('<from>', 'the image to start from')
    .argument('<to>', 'the image to compare with it')
    .addOption(new Option('--format <format>', 'json: one object a line').choices(['json']))
    .addHelpText('after', EXAMPLES)
    .action((from: string, to: string, { format }: { readonly format?: 'json' }) =>
      diff(cli, from, to, format),
    );
}

async function diff(cli: Cli, from: string, to: string, format: 'json' | undefined): Promise<void> {
  const line = createTransferLine(cli.stderr);
  await cli.withEngine(async (api) => {
    const call = api.files.compare({ from, to }, { signal: cli.signal, onProgress: line.onProgress });
    const rows = await call.finally(() => line.end());
    for (const row of rows) {
      const text = format === 'json' ? JSON.stringify(row) : `${LETTERS[row.change]} ${cleanText(row.path)}`;
      await cli.stdout.bytes(`${text}\n`);
    }
  });
}
