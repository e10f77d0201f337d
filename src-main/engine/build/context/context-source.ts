import { lstat, readFile, stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { EngineError } from '../../../contract/errors.ts';
import { parseGitSource } from '../source/git-source.ts';
import { parseIgnoreFile } from '../../dockerfile/ignore-file.ts';

/** A build context by the way it is written. */
export type ContextSource =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'git'; readonly text: string }
  | { readonly kind: 'image'; readonly reference: string }
  | { readonly kind: 'layout'; readonly path: string; readonly reference: string | undefined };

/** What `--build-context NAME=…` names. */
export function parseContextSource(text: string): ContextSource {
  const image = /^docker-image:\/\/(.+)$/.exec(text)?.[1];
  if (image !== undefined) return { kind: 'image', reference: image };
  const layout = /^oci-layout:\/\/(.+)$/.exec(text)?.[1];
  if (layout !== undefined) return parseLayout(layout);
  if (parseGitSource(text) !== undefined) return { kind: 'git', text };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    throw new EngineError('UNSUPPORTED', `a build context cannot be ${text}`, {
      hint: 'It is a folder, a git repository, docker-image://NAME or oci-layout://FOLDER.',
    });
  }
  return { kind: 'folder', path: isAbsolute(text) ? text : resolve(text) };
}

function parseLayout(text: string): ContextSource {
  const [, path = text, reference] = /^(.*?)((?::[\w][\w.-]*)?(?:@.+)?)$/.exec(text) ?? [];
  return { kind: 'layout', path, reference: reference === '' ? undefined : reference };
}

/** NOT_FOUND or INVALID_INPUT unless the path is a folder. */
export async function requireFolder(path: string, what: string): Promise<void> {
  const stats = await statOrNone(path);
  if (stats?.isDirectory() === true) return;
  if (stats === undefined) {
    throw new EngineError('NOT_FOUND', `${what}: there is no ${path}`, { hint: 'Check the path.' });
  }
  throw new EngineError('INVALID_INPUT', `${what}: ${path} is not a folder`, { hint: 'Give a folder.' });
}

async function statOrNone(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new EngineError('PERMISSION', `cannot look at ${path}: ${code ?? String(error)}`, { cause: error });
  }
}

/** The ignore file of a context: `<Dockerfile>.dockerignore` beside the Dockerfile, else `.dockerignore`. */
export async function findIgnoreFile(
  folder: string,
  dockerfile: string | undefined,
): Promise<string | undefined> {
  const candidates = [
    ...(dockerfile === undefined ? [] : [`${dockerfile}.dockerignore`]),
    `${folder}/.dockerignore`,
  ];
  for (const candidate of candidates) if (await isFile(candidate)) return candidate;
  return undefined;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile() || (await stat(path)).isFile();
  } catch {
    // Not there, or not to be seen: then it does not apply.
    return false;
  }
}

/** The patterns that a context's ignore file has, as the build checks take them; undefined without an ignore file. */
export async function readIgnorePatterns(
  folder: string,
  dockerfile: string,
): Promise<readonly string[] | undefined> {
  const path = await findIgnoreFile(folder, dockerfile);
  return path === undefined ? undefined : parseIgnoreFile(await readFile(path, 'utf8'));
}
