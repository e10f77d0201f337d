import type { EngineApi } from '../../contract/engine-api.ts';
import type { PushedBlob } from '../../contract/images-api.ts';
import type { TransferProgress } from '../../contract/oci-types.ts';
import type { Cli } from '../cli.ts';
import { shortDigest } from '../format/short-digest.ts';
import { createPullProgress, PUSH_WORDS, type PullStyle } from '../progress/pull-progress.ts';

export type PushResult = Awaited<ReturnType<EngineApi['images']['push']>>;

/** What a push says: docker's lines on standard output, how far it is on standard error. */
export interface PushReport {
  readonly onProgress: (progress: TransferProgress) => void;
  done(result: PushResult): void;
  /** Removes what is drawn. */
  end(): void;
}

export function createPushReport(cli: Cli, style: PullStyle): PushReport {
  const shown = style === 'auto' && !cli.stderr.canRedraw ? 'quiet' : style;
  const progress = createPullProgress(cli.stderr, shown, { words: PUSH_WORDS, isBrief: true });
  return {
    onProgress: progress.onProgress,
    done: (result) => {
      if (style === 'quiet') cli.stdout.line(result.target);
      else printResult(cli, result);
    },
    end: () => progress.end(),
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
