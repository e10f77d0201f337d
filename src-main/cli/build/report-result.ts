import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { BuildResult, Warning } from '../../contract/builds-api.ts';
import type { Cli } from '../cli.ts';
import type { Output } from '../output.ts';
import { formatExcerpt } from '../format/excerpt.ts';
import { formatHumanSize } from '../format/human-size.ts';
import { shortDigest } from '../format/short-digest.ts';
import { cleanText } from '../format/clean-text.ts';
import type { BuildOptions } from './build-options.ts';

/** Writes what scripts asked for: the image ID and the metadata, under docker's keys. */
export async function writeResultFiles(cli: Cli, options: BuildOptions, result: BuildResult): Promise<void> {
  if (options.iidfile !== undefined) await writeFile(resolve(cli.cwd, options.iidfile), result.imageId);
  if (options.metadataFile === undefined) return;
  const metadata = {
    'containerimage.config.digest': result.imageId,
    'containerimage.digest': result.digest,
    ...(result.record === undefined ? {} : { 'buildx.build.ref': result.record }),
    ...(result.tags.length === 0 ? {} : { 'image.name': result.tags.join(',') }),
    ...(result.bases.length === 0 ? {} : { 'varve.bases': result.bases }),
  };
  await writeFile(resolve(cli.cwd, options.metadataFile), `${JSON.stringify(metadata, null, 2)}\n`);
}

/** Tells a person what came out, what the checks found, and which tags moved (RULES, S11). */
export function tellResult(cli: Cli, result: BuildResult, warnings: readonly Warning[]): void {
  const say = (line: string) => cli.stderr.line(line);
  tellWarnings(warnings, cli.stderr);
  const { ran, cached } = result.steps;
  const time = `${(result.durationMs / 1000).toFixed(1)}s`;
  say(`Built ${result.tags.length === 0 ? 'an image without a tag' : result.tags.join(', ')}`);
  say(`  digest    ${result.digest}`);
  say(`  image ID  ${result.imageId}`);
  say(`  ${formatHumanSize(result.sizeBytes)} in ${time}: ${ran} steps ran, ${cached} cached`);
  for (const { name, from } of result.moved) {
    say(`  ${name} was ${shortDigest(from)} (undo: varve tag --undo ${name})`);
  }
}

function tellWarnings(warnings: readonly Warning[], out: Output): void {
  if (warnings.length === 0) return;
  out.line(warnings.length === 1 ? ' 1 warning found:' : ` ${warnings.length} warnings found:`);
  for (const { rule, message, location, focus = location, excerpt } of warnings) {
    out.line(` - ${rule}: ${cleanText(message)} (line ${location.line})`);
    for (const line of excerpt === undefined ? [] : formatExcerpt(excerpt, focus, out)) out.line(line);
  }
  out.line('');
}
