const LETTERS: Readonly<Record<string, string>> = {
  directory: 'd',
  symlink: 'l',
  char: 'c',
  block: 'b',
  fifo: 'p',
};

/** Permission bits as `ls -l` writes them: `drwxr-xr-x`, `-rwsr-xr-x`. */
export function formatMode(mode: number, type: string): string {
  const bits = [...'rwxrwxrwx'].map((letter, i) => ((mode >> (8 - i)) & 1 ? letter : '-'));
  if (mode & 0o4000) bits[2] = bits[2] === 'x' ? 's' : 'S';
  if (mode & 0o2000) bits[5] = bits[5] === 'x' ? 's' : 'S';
  if (mode & 0o1000) bits[8] = bits[8] === 'x' ? 't' : 'T';
  return (LETTERS[type] ?? '-') + bits.join('');
}
