import type { BuildRecord, RecordedStep } from '../../src-main/contract/build-records-api.ts';
import { stageTitle } from './stage-title.ts';

/** One bar: a step, or the work before and after all steps. Times are milliseconds since the build began. */
export interface TimelineBar {
  readonly key: string;
  readonly label: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly step: RecordedStep | undefined;
}

export interface TimelineGroup {
  readonly title: string;
  readonly bars: readonly TimelineBar[];
}

export interface Timeline {
  readonly groups: readonly TimelineGroup[];
  readonly lengthMs: number;
  /** Steps that were not reached. */
  readonly unreached: number;
}

/** The build's steps by stage on one axis of time; what runs now ends at `lengthMs`. */
export function timelineOf(record: BuildRecord, lengthMs: number): Timeline {
  const reached = record.steps.filter(({ startMs }) => startMs !== undefined);
  const bars = reached.map((step) => barOf(step, lengthMs));
  const names = [...new Set(reached.map(({ stage }) => stage))];
  const stages = names.map((stage) => ({
    title: stageTitle(stage),
    bars: bars.filter(({ step }) => step?.stage === stage),
  }));
  return {
    groups: [
      ...around('read', 'Read and resolve', 0, Math.min(lengthMs, ...bars.map(({ startMs }) => startMs))),
      ...stages,
      ...(record.result === undefined
        ? []
        : around('write', 'Write the image', Math.max(0, ...bars.map(({ endMs }) => endMs)), lengthMs)),
    ],
    lengthMs: Math.max(1, lengthMs),
    unreached: record.steps.length - reached.length,
  };
}

function barOf(step: RecordedStep, lengthMs: number): TimelineBar {
  const { id, instruction, startMs = 0, endMs = lengthMs } = step;
  return { key: id, label: instruction, startMs, endMs: Math.max(startMs, endMs), step };
}

function around(key: string, label: string, startMs: number, endMs: number): readonly TimelineGroup[] {
  if (endMs <= startMs) return [];
  return [{ title: '', bars: [{ key, label, startMs, endMs, step: undefined }] }];
}

const STEPS = [1, 2, 5];

/** Round times that divide the axis into at most so many parts. */
export function ticksOf(lengthMs: number, most = 6): readonly number[] {
  let size = 1;
  for (let power = 0; ; power += 1) {
    size = (STEPS[power % STEPS.length] ?? 1) * 10 ** Math.floor(power / STEPS.length);
    if (lengthMs / size <= most) break;
  }
  return Array.from({ length: Math.floor(lengthMs / size) + 1 }, (_, at) => at * size);
}
