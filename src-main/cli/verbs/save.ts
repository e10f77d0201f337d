import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { ArchiveFormat } from '../../contract/images-api.ts';
import type { Cli } from '../cli.ts';
import { copyToStdout, refuseTerminal } from '../copy-to-stdout.ts';
import { createTransferLine } from '../progress/transfer-line.ts';

interface Options {
  readonly output?: string;
  readonly format: ArchiveFormat;
}

const EXAMPLES = `
Examples:
  varve save app:1 -o app.tar
  varve save --format oci app:1 app:2 -o both.tar
  varve save app:1 | ssh host docker load`;

export function saveCommand(cli: Cli): Command {
  return new Command('save')
    .description('Saves images to one archive that docker, podman, skopeo and Varve load.')
    .argument('<ref...>', 'tags, digests or image IDs')
    .option('-o, --output <file>', 'the archive, whole or not at all; standard output when not given')
    .addOption(
      new Option('--format <format>', 'docker-archive or OCI archive')
        .choices(['docker', 'oci'])
        .default('docker'),
    )
    .addHelpText('after', EXAMPLES)
    .action((refs: string[], options: Options) => save(cli, refs, options));
}

async function save(cli: Cli, refs: string[], { output, format }: Options): Promise<void> {
  if (output !== undefined && output !== '-') return saveTo(cli, refs, resolve(cli.cwd, output), format);
  refuseTerminal(cli, 'an archive', 'Name a file with -o, or pipe it on.');
  await cli.withWorkFolder(async (folder) => {
    const path = join(folder, 'archive.tar');
    await saveTo(cli, refs, path, format);
    await copyToStdout(cli, path);
  });
}

async function saveTo(cli: Cli, refs: string[], path: string, format: ArchiveFormat): Promise<void> {
  const line = createTransferLine(cli.stderr);
  const { notes } = await cli.withEngine((api) =>
    api.images
      .save({ refs, path, format }, { signal: cli.signal, onProgress: line.onProgress })
      .finally(() => line.end()),
  );
  for (const note of notes) cli.stderr.line(`Note: ${note}.`);
}
