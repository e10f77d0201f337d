import { expect, test } from 'vitest';
import type { BlobProgress, TransferProgress } from '../../../src-main/contract/oci-types.ts';
import { createPullProgress, PUSH_WORDS } from '../../../src-main/cli/progress/pull-progress.ts';
import type { Output } from '../../../src-main/cli/output.ts';

/** A terminal of this size, or none, and all that was written to it. */
function outputOf(size?: {
  readonly columns: number;
  readonly rows: number;
}): Output & { written(): string } {
  let written = '';
  return {
    isTty: size !== undefined,
    canRedraw: size !== undefined,
    hasColours: false,
    columns: () => size?.columns,
    rows: () => size?.rows,
    text: (text) => void (written += text),
    line: (line) => void (written += `${line}\n`),
    bytes: () => Promise.resolve(),
    flush: () => Promise.resolve(),
    written: () => written,
  };
}

function blob(letter: string, state: BlobProgress['state'], bytes: number, note?: string): BlobProgress {
  const digest = `sha256:${letter.repeat(64)}` as const;
  return { digest, bytes, totalBytes: 1000, state, ...(note === undefined ? {} : { note }) };
}

function progressOf(layers: BlobProgress[]): TransferProgress {
  return { what: 'pulling', bytes: 500, totalBytes: 2000, layers };
}

test('a terminal shows a line for each layer, and draws it over', () => {
  const out = outputOf({ columns: 60, rows: 24 });
  const progress = createPullProgress(out, 'auto');
  progress.onProgress(progressOf([blob('a', 'there', 1000), blob('b', 'transferring', 500)]));
  progress.onProgress(progressOf([blob('a', 'there', 1000), blob('b', 'retrying', 500, 'it closed')]));
  progress.end();
  expect(out.written()).toBe(
    [
      '\r\x1b[Jaaaaaaaaaaaa: Already exists',
      'bbbbbbbbbbbb: Downloading [========>          ] 500B / 1kB',
      'pulling [======>                       ] 500B / 2kB',
      '\x1b[3A\r\x1b[Jaaaaaaaaaaaa: Already exists',
      'bbbbbbbbbbbb: Retrying: it closed',
      'pulling [======>                       ] 500B / 2kB',
      '\x1b[1A\r\x1b[J',
    ].join('\n'),
  );
});

test('without a terminal each change of a layer is a line', () => {
  const out = outputOf();
  const progress = createPullProgress(out, 'auto');
  progress.onProgress({ what: 'pulling', note: 'rate limited by docker.io, next try in 12 s', layers: [] });
  progress.onProgress(progressOf([blob('a', 'waiting', 0), blob('b', 'there', 1000)]));
  progress.onProgress(progressOf([blob('a', 'transferring', 500), blob('b', 'there', 1000)]));
  progress.onProgress(progressOf([blob('a', 'retrying', 500, 'it closed'), blob('b', 'there', 1000)]));
  progress.onProgress(progressOf([blob('a', 'done', 1000), blob('b', 'there', 1000)]));
  progress.end();
  expect(out.written().split('\n')).toEqual([
    'rate limited by docker.io, next try in 12 s',
    'aaaaaaaaaaaa: Pulling fs layer',
    'bbbbbbbbbbbb: Already exists',
    'aaaaaaaaaaaa: Retrying: it closed',
    'aaaaaaaaaaaa: Pull complete',
    '',
  ]);
});

test('more layers than lines: the last ones are shown', () => {
  const out = outputOf({ columns: 60, rows: 4 });
  createPullProgress(out, 'tty').onProgress(
    progressOf(['a', 'b', 'c', 'd'].map((letter) => blob(letter, 'waiting', 0))),
  );
  expect(out.written()).toMatch(/^\r\x1b\[Jcccccccccccc: Waiting\ndddddddddddd: Waiting\npulling .*\n$/);
});

test('a push has its own words, and takes its lines away before the result says it all', () => {
  const out = outputOf({ columns: 60, rows: 24 });
  const progress = createPullProgress(out, 'auto', { words: PUSH_WORDS, isBrief: true });
  progress.onProgress(progressOf([blob('a', 'there', 1000), blob('b', 'done', 1000)]));
  progress.end();
  const [drawn, rest] = out.written().split('\x1b[3A');
  expect(drawn).toContain('aaaaaaaaaaaa: Layer already exists\nbbbbbbbbbbbb: Pushed\n');
  expect(rest).toBe('\r\x1b[J');
});
