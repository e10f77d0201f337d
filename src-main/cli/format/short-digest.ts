const SHORT = 12;

/** Twelve hex digits of a digest, as docker shortens an ID. */
export function shortDigest(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, SHORT);
}
