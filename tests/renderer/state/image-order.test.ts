import { describe, expect, test } from 'vitest';
import type { ImagePart } from '../../../src-main/contract/images-api.ts';
import {
  arrangeImages,
  partsText,
  platformText,
  type ImageOrder,
} from '../../../src-renderer/state/image-order.ts';
import { digestOf, imageRow } from '../support/image-row.ts';

const rows = [
  imageRow('shop:1.10', { sizeBytes: 5, createdAt: '2026-01-03T00:00:00Z', digest: digestOf('c') }),
  imageRow('shop:1.9', { sizeBytes: 50, createdAt: '2026-01-02T00:00:00Z' }),
  imageRow(undefined, { sizeBytes: 1, createdAt: '2026-01-04T00:00:00Z' }),
  imageRow('base:12', { sizeBytes: 500, createdAt: '2026-01-01T00:00:00Z' }),
];

function names(
  query: string,
  column: ImageOrder['column'],
  descending = false,
): readonly (string | undefined)[] {
  return arrangeImages(rows, query, { column, descending }).map((row) => row.name);
}

describe('the image list', () => {
  test('sorts names as versions, untagged images last', () => {
    expect(names('', 'name')).toEqual(['base:12', 'shop:1.9', 'shop:1.10', undefined]);
  });

  test('sorts by size and by time, both ways', () => {
    expect(names('', 'size')).toEqual([undefined, 'shop:1.10', 'shop:1.9', 'base:12']);
    expect(names('', 'size', true)).toEqual(['base:12', 'shop:1.9', 'shop:1.10', undefined]);
    expect(names('', 'created', true)).toEqual([undefined, 'shop:1.10', 'shop:1.9', 'base:12']);
  });

  test('finds rows that have every word somewhere', () => {
    expect(names('SHOP 1.9', 'name')).toEqual(['shop:1.9']);
    expect(names('cccc', 'name')).toEqual(['shop:1.10']);
    expect(names('arm64', 'name')).toEqual([]);
  });

  test('names platforms with their variant', () => {
    const platforms = [
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64', variant: 'v8' },
    ];
    expect(platformText(imageRow('a:1', { platforms }))).toBe('linux/amd64, linux/arm64/v8');
  });

  test('tells what an index names: attestations by what they attest, never an unknown platform', () => {
    const manifest = { mediaType: 'application/vnd.oci.image.manifest.v1+json', sizeBytes: 1, types: [] };
    const parts: ImagePart[] = [
      {
        ...manifest,
        kind: 'image',
        digest: digestOf('1'),
        isHere: true,
        platform: { os: 'linux', architecture: 'amd64' },
      },
      { ...manifest, kind: 'attestation', digest: digestOf('2'), isHere: false, subject: digestOf('1') },
      {
        ...manifest,
        kind: 'attestation',
        digest: digestOf('3'),
        isHere: true,
        types: ['https://spdx.dev/Document'],
      },
    ];
    expect(partsText(imageRow('a:1', { parts }))).toBe(
      'linux/amd64\nattestation of linux/amd64, not pulled\nattestation (spdx.dev/Document)',
    );
  });
});
