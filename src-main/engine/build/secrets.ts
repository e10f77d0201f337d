import { readFile, stat } from 'node:fs/promises';
import type { BuildRequest } from '../../contract/builds-api.ts';
import { EngineError } from '../../contract/errors.ts';
import type { BuildDeps } from './build-run.ts';

/** Refuses secrets whose file is not there, before anything is built. */
export async function checkSecrets(request: BuildRequest): Promise<void> {
  for (const { id, source } of request.secrets) {
    if (source === undefined) continue;
    const found = await stat(source).catch(() => undefined);
    if (found?.isFile() === true || found?.isFIFO() === true) continue;
    throw new EngineError('NOT_FOUND', `the secret ${id}: there is no file ${source}`, {
      hint: 'Check src=.',
    });
  }
}

/** A secret's bytes, read when they are needed and kept nowhere; undefined when it was not given. */
export async function lookUpSecret(
  request: Pick<BuildRequest, 'secrets'>,
  env: BuildDeps['env'],
  id: string,
): Promise<Uint8Array | undefined> {
  const secret = request.secrets.find((candidate) => candidate.id === id);
  if (secret === undefined) return undefined;
  if (secret.source !== undefined) return readFile(secret.source);
  const value = (env ?? process.env)[secret.env ?? id];
  return value === undefined ? undefined : Buffer.from(value);
}
