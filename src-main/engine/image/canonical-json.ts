/**
 * JSON as Go's encoder writes it, so that equal documents have equal digests whoever wrote them: no spaces, and
 * `<`, `>`, `&`, U+2028 and U+2029 escaped.
 */
export function canonicalJson(value: unknown): Uint8Array {
  const text = JSON.stringify(value, integerAsDigits).replace(/[<>&\u2028\u2029]/g, escape);
  return Buffer.from(text, 'utf8');
}

/** ECMAScript's, which TypeScript does not know yet. */
interface RawJson {
  rawJSON(text: string): unknown;
}

function integerAsDigits(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? (JSON as unknown as RawJson).rawJSON(value.toString()) : value;
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * The same members with those named first in that order, the rest in byte order after them; undefined ones left out.
 */
export function orderMembers(value: object, order: readonly string[]): Record<string, unknown> {
  const members = new Map<string, unknown>(
    Object.entries(value).filter(([, member]) => member !== undefined),
  );
  const known = order.filter((name) => members.has(name));
  const rest = [...members.keys()].filter((name) => !order.includes(name)).sort();
  return Object.fromEntries([...known, ...rest].map((name) => [name, members.get(name)]));
}

/** A map's members in byte order, as Go writes maps. */
export function sortMembers(value: object): Record<string, unknown> {
  return orderMembers(value, []);
}
