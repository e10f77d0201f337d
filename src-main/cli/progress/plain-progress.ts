import type { BuildEvent, BuildStep, Reason } from '../../contract/builds-api.ts';
import { cleanText } from '../format/clean-text.ts';
import type { BuildProgress } from './build-progress.ts';
import { formatAmounts } from './format-transfer.ts';
import { formatBase } from './format-base.ts';
import { createLineSplitter, type LineSplitter } from './line-splitter.ts';
import { hasSeveralStages, stepTitle } from './step-title.ts';

type EventOf<Type extends BuildEvent['type']> = Extract<BuildEvent, { type: Type }>;

/** How often a step's progress is worth a line of its own. */
const PROGRESS_EVERY_MS = 5000;

interface StepState {
  readonly number: number;
  readonly startedMs: number;
  readonly splitters: Record<'stdout' | 'stderr', LineSplitter>;
  progressMs: number;
}

/** A line each for what happens, each with its step's number, as BuildKit's plain progress writes it. */
export function createPlainProgress(write: (line: string) => void, nowMs: () => number): BuildProgress {
  const titles = new Map<string, string>();
  const states = new Map<string, StepState>();
  let current: string | undefined;
  let exports = 0;
  let exportMs = 0;

  function planned(steps: readonly BuildStep[]): void {
    const several = hasSeveralStages(steps);
    for (const step of steps) titles.set(step.id, stepTitle(step, several));
  }

  /** The step's state, with its heading written when the line before was another step's. */
  function turnTo(step: string): StepState {
    const state = states.get(step) ?? begin(step);
    if (current === step) return state;
    if (current !== undefined) write('');
    current = step;
    write(`#${state.number} ${titles.get(step) ?? step}`);
    return state;
  }

  function begin(step: string): StepState {
    const splitters = { stdout: createLineSplitter(), stderr: createLineSplitter() };
    const state = { number: states.size + 1, startedMs: nowMs(), splitters, progressMs: nowMs() };
    states.set(step, state);
    return state;
  }

  function log(step: string, lines: readonly string[]): void {
    if (lines.length === 0) return;
    const state = turnTo(step);
    const time = ((nowMs() - state.startedMs) / 1000).toFixed(3);
    for (const line of lines) write(`#${state.number} ${time} ${line}`);
  }

  function output(event: EventOf<'step-output'>): void {
    const state = states.get(event.step) ?? begin(event.step);
    log(event.step, state.splitters[event.stream].push(event.text));
  }

  function progressed(event: EventOf<'step-progress'>): void {
    const state = states.get(event.step) ?? begin(event.step);
    if (nowMs() - state.progressMs < PROGRESS_EVERY_MS) return;
    state.progressMs = nowMs();
    turnTo(event.step);
    const note = event.note === undefined ? '' : ` (${cleanText(event.note)})`;
    write(`#${state.number} ${`${event.what} ${formatAmounts(event)}`.trimEnd()}${note}`);
  }

  function told(event: EventOf<'base'>): void {
    const { number } = turnTo(event.step);
    write(`#${number} ${formatBase(event)}`);
  }

  function ended(event: EventOf<'step-end'>): void {
    const state = states.get(event.step) ?? begin(event.step);
    log(event.step, [...state.splitters.stdout.flush(), ...state.splitters.stderr.flush()]);
    turnTo(event.step);
    const why = event.outcome === 'ran' ? formatReason(event.reason) : undefined;
    if (why !== undefined) write(`#${state.number} ran because ${why}`);
    write(`#${state.number} ${formatOutcome(event)}`);
  }

  function exported(event: EventOf<'export'>): void {
    if (event.bytes !== undefined) return exportProgressed(event);
    exportMs = nowMs();
    if (exports === 0 && current !== undefined) write('');
    exports += 1;
    current = 'export';
    write(`#${states.size + 1} ${event.what}`);
  }

  function exportProgressed(event: EventOf<'export'>): void {
    if (nowMs() - exportMs < PROGRESS_EVERY_MS) return;
    exportMs = nowMs();
    write(`#${states.size + 1} writing ${formatAmounts(event)}`);
  }

  return {
    show: (event) => {
      switch (event.type) {
        case 'plan':
          return planned(event.steps);
        case 'step-start':
          return void turnTo(event.step);
        case 'step-output':
          return output(event);
        case 'step-progress':
          return progressed(event);
        case 'step-end':
          return ended(event);
        case 'base':
          return told(event);
        case 'export':
          return exported(event);
        case 'record':
        case 'warning':
        case 'failed-root':
          return;
      }
    },
    end: () => {
      if (current !== undefined) write('');
    },
  };
}

/** The words after "ran because"; that it is the first time needs none. */
export function formatReason(reason: Reason | undefined): string | undefined {
  return reason === undefined || reason.kind === 'first' ? undefined : cleanText(reason.text);
}

function formatOutcome({ outcome, durationMs }: EventOf<'step-end'>): string {
  if (outcome === 'cached') return 'CACHED';
  const time = `${(durationMs / 1000).toFixed(1)}s`;
  return { ran: `DONE ${time}`, failed: `ERROR after ${time}`, cancelled: 'CANCELED' }[outcome];
}
