import { Command } from 'commander';
import type { EngineApi } from '../../contract/engine-api.ts';
import type { Cli } from '../cli.ts';
import { refForPlatform } from '../ref-for-platform.ts';

const PIECE = 1_048_576;

const EXAMPLES = `
Examples:
  varve cat app:1 /etc/os-release
  varve cat app:1 /app/data.bin > data.bin`;

export function catCommand(cli: Cli): Command {
  return new Command('cat')
    .description('Prints files of an image, byte for byte. Symbolic links are followed inside the image.')
    .argument('<ref>', 'a tag, digest or image ID')
    .argument('<path...>', 'the files')
    .option('--platform <os/arch>', 'the image for this platform, where there are several')
    .addHelpText('after', EXAMPLES)
    .action((name: string, paths: string[], { platform }: { readonly platform?: string }) =>
      cli.withEngine(async (api) => {
        const ref = await refForPlatform(api, name, platform);
        for (const path of paths) await copyOut(cli, api, ref, path);
      }),
    );
}

async function copyOut(cli: Cli, api: EngineApi, ref: string, path: string): Promise<void> {
  let offset = 0;
  for (;;) {
    const piece = await api.files.read({ ref, path, offset, length: PIECE }, { signal: cli.signal });
    const bytes = Buffer.from(piece.base64, 'base64');
    await cli.stdout.bytes(bytes);
    offset += bytes.length;
    if (offset >= piece.sizeBytes || bytes.length === 0) return;
  }
}
