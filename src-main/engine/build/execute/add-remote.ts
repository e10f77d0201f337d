import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineError } from '../../../contract/errors.ts';
import type { AddInstruction } from '../../dockerfile/instruction.ts';
import { parseDigest } from '../../oci/digest.ts';
import { buildTime } from '../build-run.ts';
import { folderTree } from '../context/folder-tree.ts';
import { readHostFile } from '../context/read-host-file.ts';
import { walkFolder } from '../context/walk-folder.ts';
import { cloneRepository, parseGitSource } from '../source/clone-repository.ts';
import { download, fileNameOf } from '../source/download.ts';
import { missingSource } from '../source/missing-source.ts';
import { createFilter, selectEntries } from '../source/select-entries.ts';
import type { SourceTree } from '../source/source-tree.ts';
import type { CopyTask } from './copy-request.ts';
import type { CopyWords } from './copy-words.ts';
import type { InstructionContext } from './instruction-context.ts';
import { isArchiveNode } from './is-archive-node.ts';

/** What fetching a source needs; what it leaves on disk goes with `fetched`. */
export interface RemoteAdd {
  readonly context: InstructionContext;
  readonly instruction: AddInstruction;
  readonly words: CopyWords;
  readonly checksum: string | undefined;
  readonly fetched: AsyncDisposableStack;
}

/** A file behind a URL, unpacked only when --unpack says so. */
export async function addUrlTask(add: RemoteAdd, url: string): Promise<CopyTask> {
  const { signal } = add.context.run;
  const folder = await makeFolder(add.fetched);
  const name = fileNameOf(url);
  const checksum = add.checksum === undefined ? undefined : parseDigest(add.checksum);
  const fallbackTime = buildTime(add.context.run);
  await download(url, join(folder, 'file'), { signal, checksum, fallbackTime });
  const { tree } = await openFolder(folder, url, signal);
  const root = tree.stat('/file');
  if (root === undefined) throw new EngineError('INTERNAL', `the download of ${url} is gone`);
  const { destination } = add.words;
  if (add.instruction.unpack === true && (await isArchiveNode(tree, root, signal))) {
    return { kind: 'unpack', job: { tree, archive: root, destination } };
  }
  const entries = [{ node: root, relative: '', asParent: false }];
  return { kind: 'copy', job: { tree, root, entries, baseName: name, destination, contentsOnly: false } };
}

/** The files of a commit of a git repository. */
export async function addGitTask(add: RemoteAdd, text: string): Promise<CopyTask> {
  const source = parseGitSource(text);
  if (source === undefined) throw new EngineError('INTERNAL', `${text} is no git repository`);
  const { signal } = add.context.run;
  const folder = join(await makeFolder(add.fetched), 'repository');
  const keepGitDir = add.instruction.keepGitDir ?? false;
  const commit = await cloneRepository(source, folder, { signal, keepGitDir });
  if (add.checksum !== undefined && !commit.startsWith(add.checksum)) {
    throw new EngineError('CORRUPT', `${text} is at commit ${commit}`, {
      hint: `--checksum says ${add.checksum}.`,
    });
  }
  const { tree } = await openFolder(folder, text, signal);
  const root = tree.stat(`/${source.subfolder ?? ''}`);
  if (root === undefined) throw missingSource(tree, `/${source.subfolder ?? ''}`);
  const entries = selectEntries(tree, root, createFilter([], add.words.excludes));
  const { destination } = add.words;
  return { kind: 'copy', job: { tree, root, entries, baseName: '', destination, contentsOnly: true } };
}

async function makeFolder(fetched: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'varve-add-'));
  fetched.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function openFolder(
  folder: string,
  name: string,
  signal: AbortSignal,
): Promise<{ readonly tree: SourceTree }> {
  const walk = await walkFolder(folder, { signal });
  return { tree: folderTree(walk, name, readHostFile, undefined) };
}
