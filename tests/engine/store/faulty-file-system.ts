import {
  nodeFileSystem,
  type FileSystem,
  type OpenFile,
} from '../../../src-main/engine/store/file-system.ts';

/** A real file system of which a chosen call fails (R13). */
export interface FaultyFileSystem {
  readonly fileSystem: FileSystem;
  /** From now on counts calls; before number `at` (from 1) `fault` runs, which throws or ends the process. */
  arm(at: number, fault: () => void): void;
  calls(): number;
}

export function faultyFileSystem(): FaultyFileSystem {
  let count = 0;
  let faultAt = 0;
  let fault = (): void => undefined;
  const step = (): void => {
    count += 1;
    if (count === faultAt) fault();
  };
  return {
    fileSystem: withSteps(nodeFileSystem, step),
    arm: (at, chosen) => {
      count = 0;
      faultAt = at;
      fault = chosen;
    },
    calls: () => count,
  };
}

/** Every call counts, those on open files too. Asynchronous ones reject rather than throw. */
function withSteps(files: FileSystem, step: () => void): FileSystem {
  const later =
    <Arguments extends unknown[], Result>(call: (...given: Arguments) => Promise<Result>) =>
    async (...given: Arguments): Promise<Result> => {
      step();
      return call(...given);
    };
  const now =
    <Arguments extends unknown[], Result>(call: (...given: Arguments) => Result) =>
    (...given: Arguments): Result => {
      step();
      return call(...given);
    };
  const file = (open: OpenFile): OpenFile => ({
    write: later(open.write),
    read: later(open.read),
    sync: later(open.sync),
    // Closing is not made to fail: the descriptor would leak into the rest of the test.
    close: open.close,
  });
  return {
    create: later(async (path, mode) => file(await files.create(path, mode))),
    openRead: later(async (path) => file(await files.openRead(path))),
    openAppend: later(async (path, mode) => file(await files.openAppend(path, mode))),
    rename: later(files.rename),
    renameSync: now(files.renameSync),
    unlink: later(files.unlink),
    mkdir: later(files.mkdir),
    removeFolder: later(files.removeFolder),
    chmod: later(files.chmod),
    stat: later(files.stat),
    statSync: now(files.statSync),
    list: later(files.list),
    listSync: now(files.listSync),
    readSync: now(files.readSync),
    syncFolder: later(files.syncFolder),
    syncFolderSync: now(files.syncFolderSync),
    freeBytes: later(files.freeBytes),
  };
}
