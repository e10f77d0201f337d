import { delimiter } from 'node:path';

/** Where the system keeps what only root calls; rarely in an ordinary user's PATH. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin'];

/** The folders in which the host's tools (mount, tar, runc…) are looked for. */
export function toolFolders(): readonly string[] {
  const own = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  return [...new Set([...own, ...SYSTEM_FOLDERS])];
}

/**
 * All that a tool of the host sees of the engine's environment. mount(8) from 2.39 on hands a list of lower folders
 * to the kernel in pieces of at most 256 bytes unless told to use the older call.
 */
export function toolEnvironment(): NodeJS.ProcessEnv {
  return { PATH: toolFolders().join(delimiter), LC_ALL: 'C', LIBMOUNT_FORCE_MOUNT2: 'always' };
}
