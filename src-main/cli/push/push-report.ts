import type { EngineApi } from '../../contract/engine-api.ts';
import type { PushedBlob } from '../../contract/images-api.ts';
import type { TransferProgress } from '../../contract/oci-types.ts';
import type { Cli } from '../cli.ts';
import { shortDigest } from '../format/short-digest.ts';
import { createTransferLine } from '../progress/transfer-line.ts';

export type PushStyle = 'auto' | 'plain' | 'tty' | 'json' | 'quiet';
export type PushResult = Awaited<ReturnType<EngineApi['images']['push']>>;

/** What a push says: docker's lines on standard output, how far it is on standard error. */
export interface PushReport {
  readonly onProgress: (progress: TransferProgress) => void;
  done(result: PushResult): void;
  /** Removes what is drawn. */
  end(): void;
}

export function createPushReport(cli: Cli, style: PushStyle): PushReport {
  const line = createTransferLine(cli.stderr);
  const isDrawn = style === 'auto' || style === 'tty';
  return {
    onProgress: (progress) => {
      if (style === 'json') cli.stderr.line(JSON.stringify(progress));
      else if (isDrawn) line.onProgress(progress);
    },
    done: (result) => {
      line.end();
      if (style === 'quiet') cli.stdout.line(result.target);
      else printResult(cli, result);
    },
    end: () => line.end(),
  };
}

function printResult(cli: Cli, { target, digest, sizeBytes, blobs, notes }: PushResult): void {
  const { repository, name } = splitTarget(target);
  cli.stdout.line(`The push refers to repository [${repository}]`);
  for (const blob of blobs) {
    if (blob.kind === 'layer') cli.stdout.line(`${shortDigest(blob.digest)}: ${wordOf(blob)}`);
  }
  for (const note of notes) cli.stderr.line(note);
  cli.stdout.line(`${name}digest: ${digest} size: ${sizeBytes}`);
}

function wordOf({ outcome, from }: PushedBlob): string {
  if (outcome === 'there') return 'Layer already exists';
  return outcome === 'mounted' ? `Mounted from ${from ?? ''}` : 'Pushed';
}

/** `app:1@…` apart: docker names the tag, and a digest is in the line anyway. */
function splitTarget(target: string): { readonly repository: string; readonly name: string } {
  const at = target.indexOf('@');
  const named = at < 0 ? target : target.slice(0, at);
  const colon = named.lastIndexOf(':');
  if (colon <= named.lastIndexOf('/')) return { repository: named, name: '' };
  return { repository: named.slice(0, colon), name: `${named.slice(colon + 1)}: ` };
}
