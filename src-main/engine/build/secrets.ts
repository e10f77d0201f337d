import { readFile, stat } from 'node:fs/promises';
import type { BuildRequest } from '../../contract/builds-api.ts';
import { EngineError } from '../../contract/errors.ts';
import type { BuildDeps } from './build-run.ts';

/** Refuses secrets whose file is not there, before anything is built. */
export async function checkSecrets(request: BuildRequest): Promise<void> {
  for (const { id, source } of request.secrets) {
    if (source === undefined) continue;
    const found = await stat(source).catch(() => undefined);
    if (found?.isFile() === true) checkSize(id, found.size);
    if (found?.isFile() === true || found?.isFIFO() === true) continue;
    throw new EngineError('NOT_FOUND', `the secret ${id}: there is no file ${source}`, {
      hint: 'Check src=.',
    });
  }
}

/** BuildKit's limit: what is larger is no secret but a file, and would be looked for in all that programs say. */
const MOST_BYTES = 500 * 1024;

function checkSize(id: string, bytes: number): void {
  if (bytes <= MOST_BYTES) return;
  throw new EngineError('LIMIT_EXCEEDED', `the secret ${id} has ${bytes} bytes, of at most ${MOST_BYTES}`);
}

const read = new WeakMap<object, Map<string, Uint8Array>>();

/** A secret's bytes, read when they are needed and kept in memory only; undefined when it was not given. */
export async function lookUpSecret(
  request: Pick<BuildRequest, 'secrets'>,
  env: BuildDeps['env'],
  id: string,
): Promise<Uint8Array | undefined> {
  const secret = request.secrets.find((candidate) => candidate.id === id);
  if (secret === undefined) return undefined;
  const content = await readSecret(secret, env);
  if (content === undefined) return undefined;
  checkSize(id, content.length);
  read.set(request, new Map(read.get(request)).set(id, content));
  return content;
}

/** The secrets that a build has read so far: no output of its programs may show them. */
export function secretsOf(request: Pick<BuildRequest, 'secrets'>): Iterable<Uint8Array> {
  return read.get(request)?.values() ?? [];
}

async function readSecret(
  { id, source, env: name }: BuildRequest['secrets'][number],
  env: BuildDeps['env'],
): Promise<Uint8Array | undefined> {
  if (source !== undefined) return readFile(source);
  const value = (env ?? process.env)[name ?? id];
  return value === undefined ? undefined : Buffer.from(value);
}
