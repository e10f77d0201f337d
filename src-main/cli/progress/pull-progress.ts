import type { BlobProgress, TransferProgress } from '../../contract/oci-types.ts';
import { cleanText } from '../format/clean-text.ts';
import { fitColumns } from '../format/fit-columns.ts';
import { shortDigest } from '../format/short-digest.ts';
import type { Output } from '../output.ts';
import { formatTransfer } from './format-transfer.ts';

export const PULL_STYLES = ['auto', 'plain', 'tty', 'json', 'quiet'] as const;
export type PullStyle = (typeof PULL_STYLES)[number];

/** Shows a pull while it runs, with docker's words. */
export interface PullProgress {
  readonly onProgress: (progress: TransferProgress) => void;
  /** Nothing more comes; what is drawn stays. */
  end(): void;
}

/** What is said of a blob: by its state, and before it is its turn. */
type Words = Readonly<Record<BlobProgress['state'] | 'listed', string>>;

export interface PullProgressOptions {
  readonly words?: Words;
  /** Takes away what was drawn when nothing more comes: the result says it all again. */
  readonly isBrief?: boolean;
}

/** On a terminal a line for each blob, redrawn; else a line for each change; or all that is told, as JSON. */
export function createPullProgress(
  out: Output,
  style: PullStyle,
  { words = PULL_WORDS, isBrief = false }: PullProgressOptions = {},
): PullProgress {
  if (style === 'quiet') return { onProgress: () => {}, end: () => {} };
  if (style === 'json')
    return { onProgress: (progress) => out.line(JSON.stringify(progress)), end: () => {} };
  return style === 'tty' || (style === 'auto' && out.canRedraw)
    ? drawn(out, words, isBrief)
    : written(out, words);
}

const PULL_WORDS: Words = {
  listed: 'Pulling fs layer',
  waiting: 'Waiting',
  there: 'Already exists',
  transferring: 'Downloading',
  verifying: 'Verifying Checksum',
  done: 'Pull complete',
  retrying: 'Retrying',
};

export const PUSH_WORDS: Words = {
  listed: 'Preparing',
  waiting: 'Waiting',
  there: 'Layer already exists',
  transferring: 'Pushing',
  verifying: 'Verifying Checksum',
  done: 'Pushed',
  retrying: 'Retrying',
};

function drawn(out: Output, words: Words, isBrief: boolean): PullProgress {
  let drawnLines = 0;
  return {
    onProgress: (progress) => {
      const width = (out.columns() ?? 80) - 1;
      const layers = (progress.layers ?? []).map((layer) => blobLine(layer, words, width));
      // What does not fit cannot be drawn over; those that are moved now come last as a rule.
      const lines = [...layers.slice(-Math.max(1, (out.rows() ?? 24) - 2)), wholeLine(progress, width)];
      const up = drawnLines === 0 ? '' : `\x1b[${drawnLines}A`;
      out.text(`${up}\r\x1b[J${lines.map((line) => `${line}\n`).join('')}`);
      drawnLines = lines.length;
    },
    end: () => {
      // The blobs' lines stay; how far the whole is does not.
      if (drawnLines > 0) out.text(`\x1b[${isBrief ? drawnLines : 1}A\r\x1b[J`);
    },
  };
}

function blobLine(layer: BlobProgress, words: Words, width: number): string {
  const { digest, state, bytes, totalBytes } = layer;
  const name = `${shortDigest(digest)}: `;
  if (state !== 'transferring') return fitColumns(`${name}${stateText(layer, words)}`, width);
  return `${name}${formatTransfer({ what: words[state], bytes, totalBytes }, width - name.length)}`;
}

function wholeLine({ layers: _, note, ...progress }: TransferProgress, width: number): string {
  return note === undefined ? formatTransfer(progress, width) : fitColumns(cleanText(note), width);
}

function written(out: Output, words: Words): PullProgress {
  const told = new Map<string, string>();
  const tell = (key: string, text: string): void => {
    if (told.get(key) !== text) out.line(text);
    told.set(key, text);
  };
  return {
    onProgress: ({ layers = [], note }) => {
      if (layers.length === 0 && note !== undefined) tell('', cleanText(note));
      for (const layer of layers) {
        const { digest, state } = layer;
        const text = state === 'waiting' && layer.note === undefined ? words.listed : stateText(layer, words);
        if (state !== 'transferring') tell(digest, `${shortDigest(digest)}: ${text}`);
      }
    },
    end: () => {},
  };
}

function stateText({ state, note }: BlobProgress, words: Words): string {
  return note === undefined ? words[state] : `${words[state]}: ${cleanText(note)}`;
}
