import { describe, expect, test } from 'vitest';
import { encodeTarEntry, TAR_END, tarPadding } from '../../../src-main/engine/tar/encode-tar-entry.ts';
import { findBlockEnd, MAX_BLOCK_BYTES } from '../../../src-main/engine/tar/find-block-end.ts';
import { createTarEntry } from '../../../src-main/engine/tar/tar-entry.ts';
import { digestOf } from '../../../src-main/engine/oci/digest.ts';
import { seededNumbers } from '../support/random-image.ts';

interface Given {
  readonly path: string;
  readonly content: Uint8Array;
}

function tarOf(files: readonly Given[]): Buffer {
  const members = files.flatMap(({ path, content }) => [
    encodeTarEntry(createTarEntry({ path, type: 'file', sizeBytes: content.length })),
    content,
    tarPadding(content.length),
  ]);
  return Buffer.concat([...members, TAR_END]);
}

/** The blocks that a stream is divided into. */
function blocksOf(tar: Buffer): readonly Buffer[] {
  const blocks: Buffer[] = [];
  for (let at = 0; at < tar.length;) {
    const end = at + findBlockEnd(tar.subarray(at, at + MAX_BLOCK_BYTES));
    blocks.push(tar.subarray(at, end));
    at = end;
  }
  return blocks;
}

/** How many blocks of one stream the other has not. */
function countNew(before: Buffer, after: Buffer): number {
  const known = new Set(blocksOf(before).map(digestOf));
  return blocksOf(after).filter((block) => !known.has(digestOf(block))).length;
}

function randomFiles(count: number, meanBytes: number): readonly Given[] {
  const next = seededNumbers(meanBytes);
  return Array.from({ length: count }, (_, i) => {
    const content = Buffer.alloc(Math.round(next() * 2 * meanBytes));
    for (let at = 0; at < content.length; at += 8) content[at] = Math.floor(next() * 256);
    return { path: `files/of-${meanBytes}/${i}`, content };
  });
}

describe.each([
  ['small', randomFiles(4000, 4000)],
  ['middling', randomFiles(100, 150_000)],
  ['hardly any that fits a block', randomFiles(16, 1_500_000)],
])('a tar of files that are %s', (_, files) => {
  const tar = tarOf(files);
  const insertAt = (index: number, file: Given): Buffer =>
    tarOf([...files.slice(0, index), file, ...files.slice(index)]);

  test('comes in blocks of at most the largest size', () => {
    const blocks = blocksOf(tar);
    expect(Buffer.concat(blocks).equals(tar)).toBe(true);
    expect(Math.max(...blocks.map((block) => block.length))).toBeLessThanOrEqual(MAX_BLOCK_BYTES);
  });

  test('has new blocks only around a file that comes in', () => {
    const added = insertAt(Math.floor(files.length / 3), { path: 'new', content: Buffer.from('new') });
    expect(countNew(tar, added)).toBeLessThanOrEqual(6);
  });

  test('has new blocks only around a file that gets longer', () => {
    const at = Math.floor(files.length / 2);
    const longer = {
      path: files[at]!.path,
      content: Buffer.concat([files[at]!.content, Buffer.alloc(3000)]),
    };
    const changed = tarOf([...files.slice(0, at), longer, ...files.slice(at + 1)]);
    expect(countNew(tar, changed)).toBeLessThanOrEqual(6);
  });
});

test('bytes that are no tar are divided evenly', () => {
  const bytes = Buffer.alloc(2 * MAX_BLOCK_BYTES + 10, 'no tar ');
  expect(blocksOf(bytes).map((block) => block.length)).toEqual([MAX_BLOCK_BYTES, MAX_BLOCK_BYTES, 10]);
});
