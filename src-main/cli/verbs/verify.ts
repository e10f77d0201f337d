import { Command, Option } from 'commander';
import type { EngineApi } from '../../contract/engine-api.ts';
import type { Digest } from '../../contract/oci-types.ts';
import type { VerifyResult } from '../../contract/store-api.ts';
import { EXIT, type Cli } from '../cli.ts';
import { formatHumanSize } from '../format/human-size.ts';
import { createTransferLine } from '../progress/transfer-line.ts';

const EXAMPLES = `
Examples:
  varve verify             everything that is stored
  varve verify app:1       only what this image needs

Exit status: 0 all is well, 1 something is broken (each named on standard output), 2 called wrongly,
3 the check could not be finished.`;

export function verifyCommand(cli: Cli): Command {
  return new Command('verify')
    .description('Hashes every stored byte again and names what is not what its digest says.')
    .argument('[ref...]', 'only what these images need')
    .addOption(new Option('--format <format>', 'json: one object').choices(['json']))
    .addHelpText('after', EXAMPLES)
    .action((refs: string[], { format }: { readonly format?: 'json' }) => verify(cli, refs, format));
}

async function verify(cli: Cli, refs: readonly string[], format: 'json' | undefined): Promise<void> {
  const line = createTransferLine(cli.stderr);
  cli.exitWith(EXIT.notVerified);
  const result = await cli.withEngine(async (api) => {
    const digests = refs.length === 0 ? undefined : await digestsOf(cli, api, refs);
    const call = api.store.verify({ digests }, { signal: cli.signal, onProgress: line.onProgress });
    return call.finally(() => line.end());
  });
  cli.exitWith(result.broken.length + result.brokenRecords.length === 0 ? 0 : EXIT.failed);
  if (format === 'json') return cli.stdout.line(JSON.stringify(result));
  printResult(cli, result);
}

/** The blobs of these images: manifest, config, layers. */
async function digestsOf(cli: Cli, api: EngineApi, refs: readonly string[]): Promise<Digest[]> {
  const digests = new Set<Digest>();
  for (const ref of refs) {
    const image = await api.images.inspect({ ref }, { signal: cli.signal });
    const layers = await api.images.layers({ ref }, { signal: cli.signal });
    for (const digest of [image.digest, image.imageId, ...layers.map((layer) => layer.digest)])
      digests.add(digest);
  }
  return [...digests];
}

function printResult(cli: Cli, { broken, brokenRecords, checkedBlobs, checkedBytes }: VerifyResult): void {
  for (const { digest, problem, usedBy } of broken) {
    cli.stdout.line(`${digest}: ${problem}${usedBy.length === 0 ? '' : ` (needed by ${usedBy.join(', ')})`}`);
  }
  for (const { problem } of brokenRecords) cli.stdout.line(`${problem} (a prune removes it)`);
  const checked = `${checkedBlobs} blobs, ${formatHumanSize(checkedBytes)} checked`;
  if (broken.length === 0) {
    return cli.stdout.line(`${checked}: ${brokenRecords.length === 0 ? 'all well' : 'all blobs are well'}`);
  }
  cli.stderr.line(`varve: ${checked}: ${broken.length} broken\n  Pull, load or build what needs them again.`);
}
