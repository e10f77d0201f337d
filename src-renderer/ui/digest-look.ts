export interface DigestLook {
  /** Twelve hex digits, enough to tell digests apart by eye. */
  readonly short: string;
  /** Two hues in degrees, and whether the second half is light: equal digests look equal, others nearly never. */
  readonly hues: readonly [number, number];
  readonly light: boolean;
}

/** How a digest is shown everywhere: computed from its hex digits and nothing else. */
export function digestLook(digest: string): DigestLook {
  const hex = digest.slice(digest.indexOf(':') + 1);
  const byte = (at: number): number => parseInt(hex.slice(at * 2, at * 2 + 2), 16) || 0;
  const hue = (at: number): number => Math.round((byte(at) / 256) * 360);
  return { short: hex.slice(0, 12), hues: [hue(0), hue(1)], light: byte(2) % 2 === 0 };
}
