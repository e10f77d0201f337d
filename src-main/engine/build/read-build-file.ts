import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { BuildRequest } from '../../contract/builds-api.ts';
import { EngineError, isEngineError } from '../../contract/errors.ts';
import { nearest } from '../dockerfile/nearest.ts';
import { dockerfileText } from './context/dockerfile-text.ts';

/** A Dockerfile's text, the path it is at, and the name that messages use for it. */
export interface BuildFile {
  readonly text: string;
  readonly path: string;
  readonly file: string;
}

/** Reads the request's Dockerfile, or takes the text that it brings along. NOT_FOUND when there is none. */
export async function readBuildFile(request: BuildRequest): Promise<BuildFile> {
  const path = request.dockerfile ?? join(request.context, 'Dockerfile');
  const inside = relative(request.context, path);
  const file = inside === '' || inside === '..' || inside.startsWith(`..${sep}`) ? path : inside;
  return { text: request.dockerfileText ?? (await readText(path)), path, file };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  // Without the names the message says all the same what is wrong.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
}

async function readText(path: string): Promise<string> {
  try {
    return await dockerfileText(createReadStream(path), path);
  } catch (cause) {
    if (isEngineError(cause)) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      const likely = nearest(basename(path), await namesIn(dirname(path)));
      const hint =
        likely === undefined ? 'Write one there, or name another with -f.' : `Did you mean ${likely}?`;
      throw new EngineError('NOT_FOUND', `there is no Dockerfile at ${path}`, { cause, hint });
    }
    if (code === 'EISDIR')
      throw new EngineError('INVALID_INPUT', `${path} is a folder and no Dockerfile`, {
        cause,
        hint: 'Name a file with -f.',
      });
    throw new EngineError('PERMISSION', `cannot read ${path}: ${code ?? String(cause)}`, { cause });
  }
}
