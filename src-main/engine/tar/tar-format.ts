/** Where the fields of a tar header are (POSIX.1-2017, pax, "ustar Interchange Format"). */
export const BLOCK_BYTES = 512;

export interface Field {
  readonly at: number;
  readonly length: number;
}

export const FIELDS = {
  name: { at: 0, length: 100 },
  mode: { at: 100, length: 8 },
  uid: { at: 108, length: 8 },
  gid: { at: 116, length: 8 },
  size: { at: 124, length: 12 },
  mtime: { at: 136, length: 12 },
  checksum: { at: 148, length: 8 },
  type: { at: 156, length: 1 },
  link: { at: 157, length: 100 },
  magic: { at: 257, length: 8 },
  devMajor: { at: 329, length: 8 },
  devMinor: { at: 337, length: 8 },
  prefix: { at: 345, length: 155 },
} as const satisfies Record<string, Field>;

/** Bytes that fill up the last block of `sizeBytes` bytes of content. */
export function paddingLength(sizeBytes: number): number {
  return (BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES;
}

/** Sum of a header's bytes with the checksum field read as spaces. */
export function headerChecksum(block: Uint8Array): number {
  const { at, length } = FIELDS.checksum;
  let sum = 32 * length;
  for (let i = 0; i < at; i++) sum += block[i]!;
  for (let i = at + length; i < BLOCK_BYTES; i++) sum += block[i]!;
  return sum;
}
