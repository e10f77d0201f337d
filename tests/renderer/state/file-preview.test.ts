import { describe, expect, test, vi } from 'vitest';
import { FilePreview, type Piece } from '../../../src-renderer/state/file-preview.svelte.ts';
import { fileRow } from '../support/file-row.ts';

function previewOf(content: Buffer, isText = true) {
  const read = vi.fn((offset: number, length: number): Promise<Piece> =>
    Promise.resolve({
      base64: content.subarray(offset, offset + length).toString('base64'),
      sizeBytes: content.length,
      isText,
    }),
  );
  return { preview: new FilePreview(fileRow('/f'), read), read };
}

describe('the preview of a file', () => {
  test('shows its lines', async () => {
    const { preview } = previewOf(Buffer.from('one\r\ntwo\nthree'));
    await preview.open();
    expect([preview.lineCount, preview.isComplete]).toEqual([3, true]);
    expect([0, 1, 2].map((index) => preview.lineAt(index))).toEqual(['one', 'two', 'three']);
  });

  test('reads on only when the end of what is there comes near', async () => {
    const { preview, read } = previewOf(Buffer.from('0123456789abcde\n'.repeat(20_000)));
    await preview.open();
    expect(preview.lineCount).toBe(4096);
    preview.lineAt(100);
    expect(read).toHaveBeenCalledTimes(1);
    preview.lineAt(4000);
    await vi.waitFor(() => expect(preview.lineCount).toBe(8192));
  });

  test('decodes a character that lies across two pieces', async () => {
    const { preview } = previewOf(Buffer.from('a'.repeat(65_535) + 'ü\nend'));
    await preview.open();
    for (let line = 0; line < preview.lineCount; line++) preview.lineAt(line);
    await vi.waitFor(() => expect(preview.isComplete).toBe(true));
    const lines = Array.from({ length: preview.lineCount }, (_, i) => preview.lineAt(i));
    expect(lines.at(-1)).toBe('end');
    expect(lines.slice(0, -1).join('').slice(-2)).toBe('aü');
  });

  test('opens bytes as hex, and reads any row at once', async () => {
    const content = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i & 255));
    const { preview } = previewOf(content, false);
    await preview.open();
    expect([preview.mode, preview.hexRowCount]).toEqual(['hex', 12_500]);
    expect(preview.hexRowAt(12_000)).toBeUndefined();
    await vi.waitFor(() => expect(preview.hexRowAt(12_000)).toBeDefined());
    expect([...(preview.hexRowAt(12_000) ?? [])]).toEqual([...content.subarray(192_000, 192_016)]);
  });
});
