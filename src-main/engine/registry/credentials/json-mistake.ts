/** A string or another scalar of JSON, with the space before it. */
const STRING = /\s*"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-f]{4}))*"/iuy;
const SCALAR =
  /\s*(?:"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-f]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?|true|false|null)/iuy;

/**
 * Where a text stops being JSON, as `line:column`. JSON.parse would tell by quoting what stands there, which in a file
 * of credentials may be one.
 */
export function placeOfMistake(text: string): string {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.test(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const list = (end: RegExp, item: () => boolean): boolean => {
    if (take(end)) return true;
    do if (!item()) return false;
    while (take(/\s*,/y));
    return take(end);
  };
  const member = (): boolean => take(STRING) && take(/\s*:/y) && value();
  const value = (): boolean => {
    if (take(/\s*\{/y)) return list(/\s*\}/y, member);
    return take(/\s*\[/y) ? list(/\s*\]/y, value) : take(SCALAR);
  };
  value();
  take(/\s+/y);
  const before = text.slice(0, at).split('\n');
  return `${before.length}:${(before.at(-1) ?? '').length + 1}`;
}
