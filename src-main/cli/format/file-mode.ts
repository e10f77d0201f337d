import type { FileRow } from '../../contract/files-api.ts';

const TYPES: Readonly<Record<FileRow['type'], string>> = {
  file: '-',
  hardlink: '-',
  directory: 'd',
  symlink: 'l',
  char: 'c',
  block: 'b',
  fifo: 'p',
};

/** Type and permissions as `ls -l` writes them: `drwxr-xr-x`, `-rwsr-xr-x`. */
export function formatFileMode(type: FileRow['type'], mode: number): string {
  const user = formatBits(mode >> 6, (mode & 0o4000) !== 0, 's');
  const group = formatBits(mode >> 3, (mode & 0o2000) !== 0, 's');
  const others = formatBits(mode, (mode & 0o1000) !== 0, 't');
  return `${TYPES[type]}${user}${group}${others}`;
}

function formatBits(bits: number, special: boolean, letter: string): string {
  const execute = (bits & 1) !== 0;
  const last = special ? (execute ? letter : letter.toUpperCase()) : execute ? 'x' : '-';
  return `${(bits & 4) !== 0 ? 'r' : '-'}${(bits & 2) !== 0 ? 'w' : '-'}${last}`;
}
