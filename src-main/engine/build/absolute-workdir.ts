import { cleanPath } from '../dockerfile/clean-path.ts';

/**
 * The working folder that `written` means where `current` is one. An absolute path stays letter by letter, `..` and
 * double slashes included; a relative one is joined and made plain.
 */
export function absoluteWorkdir(current: string, written: string): string {
  const base = current.startsWith('/') ? current : cleanPath(`/${current}`);
  if (written === '') return base;
  return written.startsWith('/') ? written : cleanPath(`${base}/${written}`);
}
