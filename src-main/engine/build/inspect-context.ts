import { readdir } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import type { ContextSummary } from '../../contract/builds-api.ts';
import type { LongOptions } from '../store/blob-store.ts';
import { findIgnoreFile, requireFolder } from './context/context-source.ts';
import { readIgnoreSource } from './context/ignore-source.ts';
import { refusal } from './context/folder-tree.ts';
import { walkFolder, type WalkedNode } from './context/walk-folder.ts';

const LARGEST = 20;
const LISTED = 1000;

/** What a build of this folder would see. Metadata only; INVALID_INPUT or NOT_FOUND when it is no folder. */
export async function inspectContext(
  params: { readonly path: string; readonly dockerfile?: string | undefined },
  options: LongOptions & { readonly onProgress?: ((progress: { entries: number }) => void) | undefined } = {},
): Promise<ContextSummary> {
  const path = resolve(params.path);
  await requireFolder(path, 'the build context');
  const dockerfiles = await findDockerfiles(path);
  const dockerfile = resolve(path, params.dockerfile ?? dockerfiles[0] ?? 'Dockerfile');
  const ignoreFile = await findIgnoreFile(path, dockerfile);
  const ignored = { entries: 0, bytes: 0, paths: [] as string[] };
  const walk = await walkFolder(path, {
    signal: options.signal,
    ignore: (await readIgnoreSource(ignoreFile, path)).matcher,
    onIgnored: (ignoredPath, stats) => {
      ignored.entries += 1;
      if (stats.isFile()) ignored.bytes += Number(stats.size);
      if (ignored.paths.length < LISTED) ignored.paths.push(ignoredPath);
    },
    onProgress: (entries) => options.onProgress?.({ entries }),
  });
  const nodes = Array.from(walk.nodes.values());
  const files = nodes.filter((node) => node.type === 'file');
  return {
    path,
    name: basename(path),
    dockerfiles,
    ...(ignoreFile === undefined ? {} : { ignoreFile: relative(path, ignoreFile) }),
    files: files.length,
    bytes: files.reduce((sum, node) => sum + node.sizeBytes, 0),
    ignored,
    largest: largestOf(files),
    refused: nodes.flatMap(toRefused).slice(0, LISTED),
  };
}

/** `Dockerfile` first, then `Dockerfile.x`, `x.Dockerfile` and `Containerfile`, in order of their names. */
async function findDockerfiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  const found = names.filter((name) => /^(?:Dockerfile|Containerfile)(?:\..+)?$|\.Dockerfile$/i.test(name));
  const usable = found.filter((name) => !name.endsWith('.dockerignore')).sort();
  return [
    ...usable.filter((name) => name === 'Dockerfile'),
    ...usable.filter((name) => name !== 'Dockerfile'),
  ];
}

function largestOf(files: readonly WalkedNode[]): ContextSummary['largest'] {
  return files
    .toSorted((a, b) => b.sizeBytes - a.sizeBytes)
    .slice(0, LARGEST)
    .map((node) => ({ path: join(node.path).slice(1), bytes: node.sizeBytes }));
}

function toRefused(node: WalkedNode): ContextSummary['refused'] {
  const why = refusal(node);
  return why === undefined ? [] : [{ path: node.path.slice(1), why }];
}
