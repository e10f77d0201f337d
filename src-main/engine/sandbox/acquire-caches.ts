import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { RootFs, RootFsNode } from '../filetree/root-fs.ts';
import { stackRootFs } from '../filetree/stack-root-fs.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import { createTarEntry, type TarEntry } from '../tar/tar-entry.ts';
import { isThere } from './is-there.ts';
import { lockFile, type FileLock, type LockMode } from './lock-file.ts';
import { cacheMountId } from './cache-mount-id.ts';
import { noteUse } from './cache-mounts.ts';
import type { Namespace } from './open-namespace.ts';
import { runTool } from './run-tool.ts';
import type { SandboxMount } from './sandbox.ts';
import { EXTRACT, tarStream, type TreeEntry } from './tar-stream.ts';

export type CacheMount = Extract<SandboxMount, { type: 'cache' }>;

/** The cache mounts of one command, locked as their sharing asks until they are released. */
export interface CacheMounts {
  /** The host folder of a cache. */
  folderOf(mount: CacheMount): string;
  release(): Promise<void>;
}

export interface AcquireOptions extends LongOptions {
  readonly store: Store;
  readonly namespace: Namespace;
}

/**
 * Finds or makes each cache and locks it. A locked one is waited for, a private one that is in use is passed over for
 * another of the same id. Locks are taken in one order, so that no two commands wait for each other.
 */
export async function acquireCaches(
  mounts: readonly SandboxMount[],
  options: AcquireOptions,
): Promise<CacheMounts> {
  const held = new Map<string, HeldCache>();
  const release = async (): Promise<void> => {
    await Promise.all([...held.values()].map((cache) => cache.lock.release()));
  };
  try {
    for (const [key, mount] of strictestOfEach(mounts)) held.set(key, await acquire(key, mount, options));
  } catch (error) {
    await release();
    throw error;
  }
  return { folderOf: ({ id }) => held.get(cacheMountId(id))?.folder ?? '', release };
}

interface HeldCache {
  readonly folder: string;
  readonly lock: FileLock;
}

const STRICTNESS = { shared: 0, private: 1, locked: 2 };

function strictestOfEach(mounts: readonly SandboxMount[]): readonly [string, CacheMount][] {
  const caches = new Map<string, CacheMount>();
  for (const mount of mounts) {
    if (mount.type !== 'cache') continue;
    const other = caches.get(cacheMountId(mount.id));
    if (other === undefined || STRICTNESS[mount.sharing] > STRICTNESS[other.sharing]) {
      caches.set(cacheMountId(mount.id), mount);
    }
  }
  return [...caches].sort(([a], [b]) => (a < b ? -1 : 1));
}

async function acquire(key: string, mount: CacheMount, options: AcquireOptions): Promise<HeldCache> {
  const parent = join(options.store.cacheMountsFolder, key);
  await mkdir(parent, { recursive: true, mode: 0o700 });
  await noteUse(parent, mount.name);
  for (let slot = 0; ; slot += 1) {
    const lock = await lockSlot(parent, slot, mount, options);
    if (lock === undefined) continue;
    try {
      await makeCache(parent, slot, mount, options);
      return { folder: join(parent, String(slot)), lock };
    } catch (error) {
      await lock.release();
      throw error;
    }
  }
}

function lockSlot(
  parent: string,
  slot: number,
  mount: CacheMount,
  { signal }: LongOptions,
): Promise<FileLock | undefined> {
  const mode: LockMode = mount.sharing === 'shared' ? 'shared' : 'exclusive';
  return lockFile(join(parent, `${slot}.lock`), mode, { signal, wait: mount.sharing !== 'private' });
}

/** Makes a cache unless it is there; it appears complete. Several may share it, so one of them makes it. */
async function makeCache(
  parent: string,
  slot: number,
  mount: CacheMount,
  options: AcquireOptions,
): Promise<void> {
  const folder = join(parent, String(slot));
  if (await isThere(folder)) return;
  const making = await lockFile(join(parent, `${slot}.making`), 'exclusive', { ...options, wait: true });
  try {
    if (!(await isThere(folder))) await fillCache(parent, folder, mount, options);
  } finally {
    await making?.release();
  }
}

async function fillCache(
  parent: string,
  folder: string,
  mount: CacheMount,
  options: AcquireOptions,
): Promise<void> {
  // Who makes it has the lock: what is there already is of one that was killed.
  const draft = `.new-${basename(folder)}`;
  const script = `cd "$1" || exit 1; new=$2; to=$3; shift 3; rm -rf -- "$new"
    "$@" && mv -T -- "$new" "$to" || { rm -rf -- "$new"; exit 1; }`;
  const args = ['sh', '-c', script, 'fill', parent, draft, folder, ...EXTRACT];
  const what = `make the cache mount ${JSON.stringify(mount.id)}`;
  await runTool(options.namespace, args, {
    ...options,
    what,
    input: tarStream(initialEntries(draft, mount, options)),
  });
}

async function* initialEntries(
  draft: string,
  mount: CacheMount,
  options: AcquireOptions,
): AsyncGenerator<TreeEntry, void, undefined> {
  const { mode, uid, gid } = mount;
  const rootFs = mount.initial && (await stackRootFs(options.store, mount.initial.layers, options));
  const top = rootFs?.resolve(mount.initial?.source ?? '/', { followLast: true }).node;
  if (rootFs === undefined || top?.entry.type !== 'directory') {
    yield { entry: createTarEntry({ path: draft, type: 'directory', mode, uid, gid }) };
    return;
  }
  yield* copyTree(rootFs, top, draft, options);
}

/** The entries of a folder and all in it, under another name; hard links among them stay. */
async function* copyTree(
  rootFs: RootFs,
  top: RootFsNode,
  name: string,
  options: LongOptions,
): AsyncGenerator<TreeEntry, void, undefined> {
  const firstOf = new Map<string, string>();
  for (const node of rootFs.walk(top.path)) {
    const path = `${name}${node.path.slice(top.path === '/' ? 0 : top.path.length)}`.replace(/\/$/, '');
    const first = firstOf.get(node.inode);
    firstOf.set(node.inode, first ?? path);
    if (!isCopied(node.entry)) continue;
    const isLink = first !== undefined && node.entry.type !== 'directory';
    const entry: TarEntry = isLink
      ? createTarEntry({ path, type: 'hardlink', link: first })
      : { ...node.entry, path };
    yield { entry, content: entry.type === 'file' ? rootFs.open(node, options) : undefined };
  }
}

function isCopied({ type }: TarEntry): boolean {
  return type === 'file' || type === 'directory' || type === 'symlink' || type === 'hardlink';
}
