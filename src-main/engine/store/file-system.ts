import {
  closeSync,
  fsyncSync,
  openSync,
  promises as fs,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  type BigIntStats,
} from 'node:fs';

/** An open file, as far as the store needs one. */
export interface OpenFile {
  write(bytes: Uint8Array): Promise<void>;
  /** Fills `bytes` from `position`; answers how many there were. */
  read(bytes: Uint8Array, position: number): Promise<number>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface FileStatus {
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly isFile: boolean;
  readonly isFolder: boolean;
  /** Equal for two names of one file. */
  readonly inode: string;
}

/**
 * Every call by which the store touches a disk, besides SQLite. The one seam for faults in tests (R13); `nodeFileSystem`
 * is the real one. Errors are those of node:fs. The Sync calls serve inside a database transaction, which cannot wait.
 */
export interface FileSystem {
  create(path: string, mode: number): Promise<OpenFile>;
  openRead(path: string): Promise<OpenFile>;
  /** Opens or makes a file whose writes go to its end. */
  openAppend(path: string, mode: number): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  renameSync(from: string, to: string): void;
  unlink(path: string): Promise<void>;
  mkdir(path: string): Promise<void>;
  removeFolder(path: string): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  stat(path: string): Promise<FileStatus | undefined>;
  statSync(path: string): FileStatus | undefined;
  list(path: string): Promise<readonly string[]>;
  listSync(path: string): readonly string[];
  readSync(path: string): Uint8Array | undefined;
  syncFolder(path: string): Promise<void>;
  syncFolderSync(path: string): void;
  freeBytes(path: string): Promise<number>;
}

export const nodeFileSystem: FileSystem = {
  create: async (path, mode) => openFile(await fs.open(path, 'wx+', mode)),
  openRead: async (path) => openFile(await fs.open(path, 'r')),
  openAppend: async (path, mode) => openFile(await fs.open(path, 'a+', mode)),
  rename: (from, to) => fs.rename(from, to),
  renameSync,
  unlink: (path) => fs.unlink(path),
  mkdir: async (path) => void (await fs.mkdir(path, { recursive: true, mode: 0o755 })),
  removeFolder: (path) => fs.rm(path, { recursive: true, force: true }),
  chmod: (path, mode) => fs.chmod(path, mode),
  stat: async (path) => orMissing(async () => statusOf(await fs.lstat(path, { bigint: true }))),
  statSync: (path) => {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? undefined : statusOf(stats);
  },
  list: async (path) => (await orMissing(() => fs.readdir(path))) ?? [],
  listSync: (path) => (statSync(path, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(path)),
  readSync: (path) =>
    statSync(path, { throwIfNoEntry: false }) === undefined ? undefined : readFileSync(path),
  syncFolder,
  syncFolderSync,
  freeBytes: async (path) => {
    const { bavail, bsize } = await fs.statfs(path);
    return bavail * bsize;
  },
};

function openFile(handle: fs.FileHandle): OpenFile {
  return {
    write: (bytes) => writeAll(handle, bytes),
    read: async (bytes, position) => (await handle.read(bytes, 0, bytes.length, position)).bytesRead,
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}

async function writeAll(handle: fs.FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += (await handle.write(bytes, at, bytes.length - at)).bytesWritten;
  }
}

function statusOf(stats: BigIntStats): FileStatus {
  return {
    sizeBytes: Number(stats.size),
    mtimeMs: Number(stats.mtimeNs / 1_000_000n),
    isFile: stats.isFile(),
    isFolder: stats.isDirectory(),
    inode: `${stats.dev}:${stats.ino}`,
  };
}

async function orMissing<T>(operation: () => Promise<T>): Promise<T | undefined> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Windows cannot open folders; NTFS orders renames by its journal. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await fs.open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function syncFolderSync(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
