import type { Diagnostic } from '../../contract/builds-api.ts';
import { checkDockerfile } from '../dockerfile/check-dockerfile.ts';
import { parseIgnoreFile } from '../dockerfile/ignore-file.ts';
import { readDockerfile } from '../dockerfile/read-dockerfile.ts';
import type { Warning } from '../dockerfile/warning.ts';
import { hostPlatform } from '../oci/platform.ts';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { findIgnoreFile } from './context/context-source.ts';

export interface DockerfileDiagnosis {
  readonly diagnostics: Diagnostic[];
  readonly stages: { index: number; name?: string; location: Diagnostic['location'] }[];
  readonly buildArgs: { name: string; default?: string }[];
}

/** Everything that an editor shows about a Dockerfile's text. Never rejects for the text's sake. */
export async function diagnoseDockerfile(params: {
  readonly text: string;
  readonly file?: string | undefined;
  readonly context?: string | undefined;
}): Promise<DockerfileDiagnosis> {
  const { text, file = 'Dockerfile', context } = params;
  const platform = hostPlatform();
  const check = checkDockerfile(text, {
    file,
    buildPlatform: platform,
    targetPlatform: platform,
    ignorePatterns: context === undefined ? undefined : await readPatterns(context, file),
  });
  const { dockerfile } = readDockerfile(text, file);
  const errors = check.errors.map(({ message, hint, location }): Diagnostic => ({
    severity: 'error',
    message,
    location,
    ...(hint === undefined ? {} : { hint }),
  }));
  return {
    diagnostics: [...errors, ...check.warnings.map(toDiagnostic)],
    stages: dockerfile.stages.map(({ index, from, name }) => ({
      index,
      location: from.location,
      ...(name === undefined ? {} : { name: from.as?.name.text ?? name }),
    })),
    buildArgs: declaredArguments(dockerfile),
  };
}

function toDiagnostic({ rule, message, url, location, focus, detail, fix }: Warning): Diagnostic {
  return {
    severity: 'warning',
    rule,
    message,
    url,
    hint: detail,
    location: focus ?? location,
    ...(fix === undefined ? {} : { fix: { title: fix.title, edits: [...fix.edits] } }),
  };
}

/** Arguments that a caller may set, each once, with its first default. */
function declaredArguments(
  dockerfile: ReturnType<typeof readDockerfile>['dockerfile'],
): DockerfileDiagnosis['buildArgs'] {
  const found = new Map<string, string | undefined>();
  for (const instruction of dockerfile.instructions) {
    if (instruction.kind !== 'arg') continue;
    for (const { name, value } of instruction.args) found.set(name, found.get(name) ?? value);
  }
  return Array.from(found, ([name, value]) => ({ name, ...(value === undefined ? {} : { default: value }) }));
}

async function readPatterns(context: string, file: string): Promise<readonly string[] | undefined> {
  const path = await findIgnoreFile(context, resolve(context, file));
  return path === undefined ? undefined : parseIgnoreFile(await readFile(path, 'utf8'));
}
