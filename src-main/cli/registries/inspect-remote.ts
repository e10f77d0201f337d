import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { fillTemplate } from '../format/go-template.ts';

interface Options {
  readonly platform?: string;
  readonly format?: string;
}

export function inspectCommand(cli: Cli): Command {
  return new Command('inspect')
    .description(
      'Prints what a registry holds under a name as JSON: digest, platforms, config, history and layers.',
    )
    .argument('<image>', 'name[:tag] or name@digest')
    .option('--platform <os/arch>', 'the image for this platform, where there are several')
    .option('-f, --format <template>', 'a template in place of the JSON')
    .action(async (ref: string, options: Options) => {
      const { parsePlatform } = await import('../../engine/engine.ts');
      const platform = options.platform === undefined ? undefined : parsePlatform(options.platform);
      const image = await cli.withEngine((api) =>
        api.registries.remoteImage({ ref, platform }, { signal: cli.signal }),
      );
      const { digest, mediaType, manifest, platforms, sizeBytes, artifactType, detail, layers } = image;
      const document = {
        Name: ref,
        Digest: digest,
        MediaType: mediaType,
        Manifest: manifest,
        ArtifactType: artifactType,
        Platforms: platforms,
        Created: image.createdAt,
        Size: sizeBytes,
        Id: detail?.imageId,
        Config: detail?.config,
        History: detail?.history,
        Layers: layers,
      };
      const isTemplate = options.format !== undefined && options.format !== 'json';
      const json = JSON.stringify(document, null, options.format === 'json' ? undefined : 4);
      cli.stdout.line(isTemplate ? fillTemplate(options.format, document) : json);
    });
}
