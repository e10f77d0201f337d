import type { BlobProgress, TransferProgress } from '../../contract/oci-types.ts';
import { cleanText } from '../format/clean-text.ts';
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

/** On a terminal a line for each blob, redrawn; else a line for each change; or all that is told, as JSON. */
export function createPullProgress(out: Output, style: PullStyle): PullProgress {
  if (style === 'quiet') return { onProgress: () => {}, end: () => {} };
  if (style === 'json')
    return { onProgress: (progress) => out.line(JSON.stringify(progress)), end: () => {} };
  return style === 'tty' || (style === 'auto' && out.isTty) ? drawn(out) : written(out);
}

const WORDS: Readonly<Record<BlobProgress['state'], string>> = {
  waiting: 'Waiting',
  there: 'Already exists',
  transferring: 'Downloading',
  verifying: 'Verifying Checksum',
  done: 'Pull complete',
  retrying: 'Retrying',
};

function drawn(out: Output): PullProgress {
  let drawnLines = 0;
  return {
    onProgress: (progress) => {
      const width = (out.columns() ?? 80) - 1;
      const layers = (progress.layers ?? []).map((layer) => blobLine(layer, width));
      // What does not fit cannot be drawn over; those that are moved now come last as a rule.
      const lines = [...layers.slice(-Math.max(1, (out.rows() ?? 24) - 2)), wholeLine(progress, width)];
      const up = drawnLines === 0 ? '' : `\x1b[${drawnLines}A`;
      out.text(`${up}\r\x1b[J${lines.map((line) => `${line}\n`).join('')}`);
      drawnLines = lines.length;
    },
    end: () => {
      // The blobs' lines stay; how far the whole is does not.
      if (drawnLines > 0) out.text('\x1b[1A\r\x1b[J');
    },
  };
}

function blobLine(layer: BlobProgress, width: number): string {
  const { digest, state, bytes, totalBytes } = layer;
  const name = `${shortDigest(digest)}: `;
  if (state !== 'transferring') return `${name}${stateText(layer)}`.slice(0, width);
  return `${name}${formatTransfer({ what: WORDS[state], bytes, totalBytes }, width - name.length)}`;
}

function wholeLine({ layers: _, note, ...progress }: TransferProgress, width: number): string {
  return note === undefined ? formatTransfer(progress, width) : cleanText(note).slice(0, width);
}

function written(out: Output): PullProgress {
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
        const text = state === 'waiting' && layer.note === undefined ? 'Pulling fs layer' : stateText(layer);
        if (state !== 'transferring') tell(digest, `${shortDigest(digest)}: ${text}`);
      }
    },
    end: () => {},
  };
}

function stateText({ state, note }: BlobProgress): string {
  return note === undefined ? WORDS[state] : `${WORDS[state]}: ${cleanText(note)}`;
}
