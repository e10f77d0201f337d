import type { PushPreview } from '../../contract/remote-api.ts';
import type { Cli } from '../cli.ts';
import { formatHumanSize } from '../format/human-size.ts';
import { printRows, type Column } from '../format/print-rows.ts';
import { shortDigest } from '../format/short-digest.ts';

const COLUMNS: readonly Column[] = [
  ['DIGEST', 'Digest'],
  ['KIND', 'Kind'],
  ['SIZE', 'Size'],
  ['STATE', 'State'],
];

/** What a push would do: each blob, the sum, and where the tag moves. */
export function printPreview(cli: Cli, preview: PushPreview): void {
  const rows = preview.blobs.map(({ digest, kind, sizeBytes, state, from }) => ({
    Digest: shortDigest(digest),
    Kind: kind,
    Size: formatHumanSize(sizeBytes),
    State: state === 'mount' ? `mount from ${from ?? ''}` : state,
  }));
  printRows(cli.stdout, rows, COLUMNS, undefined);
  for (const note of preview.notes) cli.stderr.line(note);
  cli.stdout.line(`Would send ${preview.uploadBytes} bytes (${formatHumanSize(preview.uploadBytes)})`);
  cli.stdout.line(describeMove(preview));
}

function describeMove({ target, from, to }: PushPreview): string {
  if (from === undefined) return `${target} would be new: ${to}`;
  return from === to ? `${target} is there already: ${to}` : `${target} would move: ${from} -> ${to}`;
}
