import type { ImagePart, ImageReferrer, ImageRow } from '../../contract/images-api.ts';
import { partName } from '../../contract/part-name.ts';
import { referrerName } from '../../contract/referrer-name.ts';
import { cleanLine } from '../format/clean-text.ts';
import { formatHumanSize } from '../format/human-size.ts';
import { shortDigest } from '../format/short-digest.ts';
import { formatTable } from '../format/table.ts';
import type { Output } from '../output.ts';

/** Each image with what its index names and what refers to it below it: what is not here has no size. */
export function printImageTree(out: Output, rows: readonly ImageRow[]): void {
  const lines = rows.flatMap((row) => [
    [row.name ?? '<none>', shortDigest(row.digest), formatHumanSize(row.sizeBytes)],
    ...branches([
      ...row.parts.map((part) => partRow(part, row.parts)),
      ...row.referrers.map((referrer) => referrerRow(referrer, row.parts)),
    ]),
  ]);
  const table = [['IMAGE', 'DIGEST', 'SIZE'], ...lines].map((line) => line.map(cleanLine));
  for (const line of formatTable(table)) out.line(line.trimEnd());
}

type Branch = readonly [name: string, digest: string, size: string];

function branches(rows: readonly Branch[]): string[][] {
  return rows.map(([name, ...rest], at) => [`${at === rows.length - 1 ? '└─' : '├─'} ${name}`, ...rest]);
}

function partRow(part: ImagePart, all: readonly ImagePart[]): Branch {
  const size = part.isHere ? formatHumanSize(part.sizeBytes) : 'not here';
  return [partName(part, all), shortDigest(part.digest), size];
}

function referrerRow(referrer: ImageReferrer, all: readonly ImagePart[]): Branch {
  const { digest, sizeBytes } = referrer;
  return [referrerName(referrer, all), shortDigest(digest), formatHumanSize(sizeBytes)];
}
