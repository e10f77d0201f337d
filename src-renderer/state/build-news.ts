import { formatDuration } from '../ui/format-duration.ts';
import type { BuildRun } from './build-run.svelte.ts';

/** A build that took so long may well have been left alone. */
const LONG_MS = 10_000;

export interface BuildNews {
  readonly title: string;
  readonly body: string;
  readonly build: string;
}

/** What a notification says of a build that has ended; undefined for a short one, and for one that a person ended. */
export function newsOf({
  status,
  result,
  failure,
  record,
  startedAt,
  endedAt,
}: BuildRun): BuildNews | undefined {
  const tookMs = (endedAt ?? startedAt) - startedAt;
  if (record === undefined || tookMs < LONG_MS) return undefined;
  if (status === 'succeeded' && result !== undefined) {
    const { ran, cached } = result.steps;
    const name = result.tags[0] ?? 'An image';
    return {
      title: `${name} is built`,
      body: `In ${formatDuration(tookMs)}: ${ran} steps ran, ${cached} came from the cache.`,
      build: record,
    };
  }
  if (failure === undefined) return undefined;
  const [line = ''] = failure.message.split('\n');
  return {
    title: 'The build failed',
    body: `After ${formatDuration(tookMs)}: ${line.slice(0, 300)}`,
    build: record,
  };
}
