import type { BlobProgress } from '../../contract/oci-types.ts';
import { cleanLine } from '../format/clean-text.ts';
import { shortDigest } from '../format/short-digest.ts';
import { formatTransfer } from './format-transfer.ts';

/** How far one blob of a transfer has come, or what it waits for. */
export function formatBlob({ digest, bytes, totalBytes, note }: BlobProgress, width: number): string {
  const name = shortDigest(digest);
  if (note !== undefined) return cleanLine(`${name} ${note}`).slice(0, width);
  return formatTransfer({ what: name, bytes, totalBytes }, width);
}
