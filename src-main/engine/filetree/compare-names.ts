import { encodeName } from '../tar/entry-name.ts';

const SURROGATE = /[\ud800-\udfff]/;

/** Order of names by their bytes, as every other tool sorts them; UTF-16 order differs beyond the first plane. */
export function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(encodeName(a), encodeName(b));
  return a < b ? -1 : 1;
}

/** Names in byte order; plain names, which nearly all are, are sorted without looking at each pair twice. */
export function sortNames(names: Iterable<string>): string[] {
  const list = [...names];
  return list.some((name) => SURROGATE.test(name)) ? list.sort(compareNames) : list.sort();
}
