import type { ImageRow } from '../../src-main/contract/images-api.ts';
import { partName } from '../../src-main/contract/part-name.ts';
import { platformName } from './platform-name.ts';

export type ImageColumn = 'name' | 'digest' | 'imageId' | 'platform' | 'size' | 'created';

export interface ImageOrder {
  readonly column: ImageColumn;
  readonly descending: boolean;
}

/** The rows that have every word of `query` in their name, digest, image ID or platform, in the order asked for. */
export function arrangeImages(rows: readonly ImageRow[], query: string, order: ImageOrder): ImageRow[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = rows.filter((row) => {
    const text = searchText(row);
    return words.every((word) => text.includes(word));
  });
  const sign = order.descending ? -1 : 1;
  return found.sort((a, b) => sign * compare(a, b, order.column) || compare(a, b, 'name'));
}

/** `linux/arm64/v8`; several are joined with a comma. */
export function platformText({ platforms }: Pick<ImageRow, 'platforms'>): string {
  return platforms.map(platformName).join(', ');
}

/** All that an index names, a line each; the platform of an image that is in none. */
export function partsText(row: ImageRow): string {
  const { parts } = row;
  if (parts.length === 0) return platformText(row);
  return parts.map((part) => `${partName(part, parts)}${part.isHere ? '' : ', not pulled'}`).join('\n');
}

function searchText(row: ImageRow): string {
  return [row.name ?? '<none>', row.digest, row.imageId, platformText(row)].join(' ').toLowerCase();
}

function compare(a: ImageRow, b: ImageRow, column: ImageColumn): number {
  switch (column) {
    case 'name':
      return compareNames(a.name, b.name);
    case 'digest':
      return a.digest < b.digest ? -1 : Number(a.digest > b.digest);
    case 'imageId':
      return a.imageId < b.imageId ? -1 : Number(a.imageId > b.imageId);
    case 'platform':
      return platformText(a).localeCompare(platformText(b));
    case 'size':
      return a.sizeBytes - b.sizeBytes;
    case 'created':
      return instant(a) - instant(b);
  }
}

/** Versions in number order (`1.9` before `1.10`), images without a name last. */
function compareNames(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return a.localeCompare(b, 'en', { numeric: true });
}

function instant(row: ImageRow): number {
  return Date.parse(row.createdAt ?? '') || 0;
}
