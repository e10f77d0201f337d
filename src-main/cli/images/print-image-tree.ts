import type { ImagePart, ImageRow } from '../../contract/images-api.ts';
import { partName } from '../../contract/part-name.ts';
import { cleanLine } from '../format/clean-text.ts';
import { formatHumanSize } from '../format/human-size.ts';
import { shortDigest } from '../format/short-digest.ts';
import { formatTable } from '../format/table.ts';
import type { Output } from '../output.ts';

/** Each image with what its index names below it: what is not here has no size. */
export function printImageTree(out: Output, rows: readonly ImageRow[]): void {
  const lines = rows.flatMap((row) => [
    [row.name ?? '<none>', shortDigest(row.digest), formatHumanSize(row.sizeBytes)],
    ...row.parts.map((part, at) => partRow(part, row.parts, at === row.parts.length - 1)),
  ]);
  const table = [['IMAGE', 'DIGEST', 'SIZE'], ...lines].map((line) => line.map(cleanLine));
  for (const line of formatTable(table)) out.line(line.trimEnd());
}

function partRow(part: ImagePart, all: readonly ImagePart[], isLast: boolean): string[] {
  const size = part.isHere ? formatHumanSize(part.sizeBytes) : 'not here';
  return [`${isLast ? '└─' : '├─'} ${partName(part, all)}`, shortDigest(part.digest), size];
}
