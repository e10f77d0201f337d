import { resolve, join } from 'node:path';
import { Command } from 'commander';
import type { EngineApi } from '../../contract/engine-api.ts';
import type { Cli } from '../cli.ts';
import { describeTagEvent } from '../format/describe-tag-event.ts';
import { createTransferLine } from '../progress/transfer-line.ts';
import { refuseTerminalInput, storeStdin } from '../read-stdin.ts';

interface Options {
  readonly input?: string;
  readonly dryRun?: true;
  readonly quiet?: true;
}

const EXAMPLES = `
Examples:
  varve load -i app.tar
  docker save app:1 | varve load
  varve load --dry-run -i app.tar     what it holds, and which tags would move`;

export function loadCommand(cli: Cli): Command {
  return new Command('load')
    .description(
      'Loads images from a docker or OCI archive, plain or compressed, or from an OCI layout’s folder.',
    )
    .option('-i, --input <file>', 'the archive; standard input when not given')
    .option('--dry-run', 'only tell what would be loaded')
    .option('-q, --quiet', 'say nothing while loading')
    .addHelpText('after', EXAMPLES)
    .action((options: Options) => load(cli, options));
}

async function load(cli: Cli, options: Options): Promise<void> {
  const { input } = options;
  if (input !== undefined && input !== '-') return loadFile(cli, resolve(cli.cwd, input), options);
  refuseTerminalInput(cli, 'Name the archive with -i, or pipe it in: varve load < app.tar');
  await cli.withWorkFolder(async (folder) => {
    const path = join(folder, 'standard-input');
    await storeStdin(cli, path);
    await loadFile(cli, path, options);
  });
}

async function loadFile(cli: Cli, path: string, options: Options): Promise<void> {
  const line = createTransferLine(cli.stderr);
  const onProgress = options.quiet ? undefined : line.onProgress;
  const { images, moved } = await cli.withEngine((api) =>
    api.images
      .load({ path, dryRun: options.dryRun ?? false }, { signal: cli.signal, onProgress })
      .finally(() => line.end()),
  );
  const loaded = options.dryRun ? 'Would load' : 'Loaded';
  for (const { names, imageId } of images) {
    if (names.length === 0) cli.stdout.line(`${loaded} image ID: ${imageId}`);
    for (const name of names) cli.stdout.line(`${loaded} image: ${name}`);
  }
  tellMoves(cli, moved);
}

/** A tag that pointed elsewhere before is worth a line, and how to get it back (RULES, S11). */
function tellMoves(cli: Cli, moved: Awaited<ReturnType<EngineApi['images']['load']>>['moved']): void {
  for (const event of moved.filter(({ from }) => from !== undefined)) {
    cli.stderr.line(`${describeTagEvent(event)} (undo: varve tag --undo ${event.name})`);
  }
}
