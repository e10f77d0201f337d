import { join } from 'node:path';
import { EngineError } from '../../../contract/errors.ts';
import type { AddInstruction } from '../../dockerfile/instruction.ts';
import { parseDigest } from '../../oci/digest.ts';
import { makeWorkFolder } from '../../store/work-folder.ts';
import { folderTree } from '../context/folder-tree.ts';
import { readHostFile } from '../context/read-host-file.ts';
import { walkFolder } from '../context/walk-folder.ts';
import { cloneRepository } from '../source/clone-repository.ts';
import { download, fileNameOf } from '../source/download.ts';
import { missingSource } from '../source/missing-source.ts';
import type { GitSource } from '../source/git-source.ts';
import { createFilter, selectEntries } from '../source/select-entries.ts';
import type { SourceTree } from '../source/source-tree.ts';
import { gitAuthorization } from '../source/git-authorization.ts';
import { lookUpSecret } from '../secrets.ts';
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
  const folder = await makeFolder(add);
  const name = fileNameOf(url);
  const checksum = add.checksum === undefined ? undefined : parseDigest(add.checksum);
  await download(url, join(folder, 'file'), { signal, checksum });
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
export async function addGitTask(add: RemoteAdd, source: GitSource): Promise<CopyTask> {
  const { signal, request, deps } = add.context.run;
  const checksum = readCommit(add, source);
  const tree = await cloneRepository({ ...source, checksum }, await makeFolder(add), {
    signal,
    keepGitDir: add.instruction.keepGitDir ?? source.keepGitDir ?? false,
    authorization: await gitAuthorization(source.remote, (id) => lookUpSecret(request, deps.env, id)),
    sshAgent: request.ssh.find(({ id }) => id === 'default')?.paths[0],
  });
  const { tree: files } = await openFolder(tree, source.remote, signal);
  const root = files.stat(`/${source.subfolder}`);
  if (root?.type !== 'directory') throw missingSource(files, `/${source.subfolder}`);
  const entries = selectEntries(files, root, createFilter([], add.words.excludes));
  const { destination } = add.words;
  return { kind: 'copy', job: { tree: files, root, entries, baseName: '', destination, contentsOnly: true } };
}

/** The commit that must be found, from --checksum or from the address. */
function readCommit({ checksum }: RemoteAdd, source: GitSource): string | undefined {
  const commit = checksum ?? source.checksum;
  if (commit === undefined) return undefined;
  if (!/^[0-9a-f]+$/i.test(commit)) {
    throw new EngineError('DOCKERFILE', `${commit} is no commit's number`, {
      hint: 'The checksum of a git repository is its commit, in hex digits.',
    });
  }
  if (source.checksum === undefined || source.checksum === commit) return commit;
  throw new EngineError('DOCKERFILE', `two checksums: ${commit} and ${source.checksum}`);
}

async function makeFolder({ context, fetched }: RemoteAdd): Promise<string> {
  return fetched.use(await makeWorkFolder(context.run.deps.store.root)).path;
}

async function openFolder(
  folder: string,
  name: string,
  signal: AbortSignal,
): Promise<{ readonly tree: SourceTree }> {
  const walk = await walkFolder(folder, { signal });
  return { tree: folderTree(walk, name, readHostFile, undefined) };
}
