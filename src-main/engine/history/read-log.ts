import type { BuildEvent } from '../../contract/builds-api.ts';
import { readLines } from './read-lines.ts';
import { parseLine } from './record-lines.ts';

/** What one answer holds at most, and a little: a window's other questions shall not wait for it. */
const MOST_BYTES = 1024 * 1024;

export interface LogPart {
  readonly events: { readonly atMs: number; readonly event: BuildEvent }[];
  readonly next: number;
  /** The end of what is there now was reached. */
  readonly isAtEnd: boolean;
}

/** The events of a record from a place on. */
export async function readLog(path: string, from: number): Promise<LogPart> {
  const events: LogPart['events'] = [];
  let next = from;
  for await (const line of readLines(path, from)) {
    next = line.next;
    const parsed = parseLine(line.text);
    if (parsed?.type === 'event') events.push({ atMs: parsed.t, event: parsed.event });
    if (next - from >= MOST_BYTES) return { events, next, isAtEnd: false };
  }
  return { events, next, isAtEnd: true };
}
