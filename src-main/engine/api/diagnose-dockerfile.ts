import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Diagnostic } from '../../contract/builds-api.ts';
import type { Fix } from '../../contract/errors.ts';
import type { EngineApi } from '../../contract/engine-api.ts';
import { findIgnoreFile } from '../build/context/context-source.ts';
import { checkDockerfile, type DockerfileCheck, type Problem } from '../dockerfile/check-dockerfile.ts';
import type { Dockerfile } from '../dockerfile/dockerfile.ts';
import type { BaseImage } from '../dockerfile/evaluate-stage.ts';
import { parseIgnoreFile } from '../dockerfile/ignore-file.ts';
import { readDockerfile } from '../dockerfile/read-dockerfile.ts';
import type { Warning } from '../dockerfile/warning.ts';
import { knownImage, toBaseImage } from '../language/known-image.ts';
import { hostPlatform } from '../oci/platform.ts';
import type { Store } from '../store/store.ts';

type Check = EngineApi['builds']['check'];
type CheckParams = Parameters<Check>[0];

/**
 * What the editor and `build --check` show of a Dockerfile: what would stop a build, what BuildKit's checks warn of,
 * the stages and the build arguments. Base images are known where the store has them. Never rejects for the text.
 */
export async function diagnoseDockerfile(store: Store, params: CheckParams): ReturnType<Check> {
  const { text, file = 'Dockerfile', buildArgs = {}, target, platform = hostPlatform() } = params;
  // Stages and arguments are worth showing while some other line does not parse.
  const { dockerfile } = readDockerfile(text, file);
  const bases = await knownBases(store, dockerfile);
  const check = checkDockerfile(text, {
    file,
    target,
    buildArgs: new Map(Object.entries(buildArgs)),
    buildPlatform: hostPlatform(),
    targetPlatform: platform,
    ignorePatterns: await ignorePatterns(params.context, file),
    baseImage: (name) => bases.get(name),
  });
  return {
    diagnostics: diagnosticsOf(check),
    stages: dockerfile.stages.map((stage) => ({
      index: stage.index,
      ...(stage.name === undefined ? {} : { name: stage.from.as?.name.text ?? stage.name }),
      location: stage.from.location,
    })),
    buildArgs: buildArgumentsOf(dockerfile),
    ...(check.warningsAreErrors && { warningsAreErrors: true }),
  };
}

function diagnosticsOf({ errors, notes, warnings }: DockerfileCheck): Diagnostic[] {
  const found: Diagnostic[] = [
    ...errors.map((problem) => problemDiagnostic('error', problem)),
    ...notes.map((problem) => problemDiagnostic('warning', problem)),
    ...warnings.map(warningDiagnostic),
  ];
  return found.sort((a, b) => a.location.line - b.location.line || a.location.column - b.location.column);
}

function problemDiagnostic(
  severity: Diagnostic['severity'],
  { message, hint, location, fixes }: Problem,
): Diagnostic {
  return {
    severity,
    message,
    location,
    instructionLine: location.line,
    ...(hint === undefined ? {} : { hint }),
    ...fixesOf(fixes),
  };
}

/** Underlines the part that is meant, and keeps the line that BuildKit names. */
function warningDiagnostic({ rule, message, detail, url, location, focus, fixes }: Warning): Diagnostic {
  return {
    severity: 'warning',
    rule,
    message,
    hint: detail,
    url,
    location: focus ?? location,
    instructionLine: location.line,
    ...(location.endLine > location.line && { instructionEndLine: location.endLine }),
    ...fixesOf(fixes),
  };
}

function fixesOf(fixes: readonly Fix[]): Pick<Diagnostic, 'fixes'> {
  if (fixes.length === 0) return {};
  return { fixes: fixes.map(({ title, edits }) => ({ title, edits: [...edits] })) };
}

/** Each build argument once, with the first default that the file gives it. */
function buildArgumentsOf(dockerfile: Dockerfile): { name: string; default?: string }[] {
  const args = new Map<string, string | undefined>();
  for (const instruction of dockerfile.instructions) {
    if (instruction.kind !== 'arg') continue;
    for (const { name, value } of instruction.args) args.set(name, args.get(name) ?? value);
  }
  return [...args].map(([name, value]) => (value === undefined ? { name } : { name, default: value }));
}

async function ignorePatterns(context: string | undefined, file: string): Promise<string[] | undefined> {
  if (context === undefined) return undefined;
  const found = await findIgnoreFile(context, resolve(context, file));
  if (found === undefined) return undefined;
  // An ignore file that cannot be read is the build's to report.
  return readFile(found, 'utf8').then(parseIgnoreFile, () => undefined);
}

/** What the store knows of the images that FROM names outright. */
async function knownBases(store: Store, dockerfile: Dockerfile): Promise<ReadonlyMap<string, BaseImage>> {
  const names = new Set(dockerfile.stages.map(({ from }) => from.image.text));
  const known = new Map<string, BaseImage>();
  for (const name of names) {
    const base = await knownImage(store, name);
    if (base !== undefined) known.set(name, toBaseImage(base.image));
  }
  return known;
}
