/** What a tar entry is. Anything else in an archive (sparse files, volume labels…) is refused when read. */
export type TarEntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'char' | 'block' | 'fifo';

/**
 * One entry of a tar archive without its content, as it will be written or was read: PAX records are already
 * merged in. Whiteouts are ordinary files here (`.wh.` names); `whiteout.ts` knows what they mean.
 */
export interface TarEntry {
  /** Relative, `/` between components, no `.`/`..`/empty components, no trailing slash; '' is the root folder. */
  readonly path: string;
  readonly type: TarEntryType;
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Content bytes; 0 for everything but files. */
  readonly sizeBytes: number;
  /** Seconds since 1970; written as whole seconds. */
  readonly mtime: number;
  /** Target of a symlink as it stands, or of a hard link as a cleaned path like `path`; '' otherwise. */
  readonly link: string;
  readonly devMajor: number;
  readonly devMinor: number;
  /** Extended attributes by name (`security.capability`, `user.x`), sorted by name; empty for most entries. */
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

/** An entry while an archive is read. */
export interface TarItem {
  readonly entry: TarEntry;
  /** Where the content starts in the uncompressed archive, in bytes. */
  readonly contentOffset: number;
  /**
   * The content, exactly `sizeBytes` of it; may be read once, and only before the next item is asked for. What is
   * left unread is skipped.
   */
  readonly content: AsyncIterable<Uint8Array>;
}

const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();

/** An entry with everything that is not given at its plain value: root's, mode 755 or 644, time 0. */
export function createTarEntry(given: Partial<TarEntry> & Pick<TarEntry, 'path' | 'type'>): TarEntry {
  return {
    mode: given.type === 'directory' ? 0o755 : given.type === 'symlink' ? 0o777 : 0o644,
    uid: 0,
    gid: 0,
    sizeBytes: 0,
    mtime: 0,
    link: '',
    devMajor: 0,
    devMinor: 0,
    xattrs: NO_XATTRS,
    ...given,
  };
}
