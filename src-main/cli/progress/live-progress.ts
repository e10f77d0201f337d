import type { BuildEvent, BuildStep } from '../../contract/builds-api.ts';
import type { Output } from '../output.ts';
import type { BuildProgress } from './build-progress.ts';
import { createLineSplitter, type LineSplitter } from './line-splitter.ts';
import { formatProgress, formatReason } from './plain-progress.ts';
import { hasSeveralStages, stepTitle } from './step-title.ts';

type EventOf<Type extends BuildEvent['type']> = Extract<BuildEvent, { type: Type }>;

const REDRAW_MS = 100;
const SHOWN_LINES = 5;
const KEPT_LINES = 500;
const DIM = '\x1b[2m';
const RED = '\x1b[31m';
const PLAIN = '\x1b[0m';

interface Running {
  readonly startedMs: number;
  readonly splitters: Record<'stdout' | 'stderr', LineSplitter>;
  lines: string[];
  progress: string | undefined;
}

/**
 * The build on a terminal: a line for each finished step scrolls up and stays, the running ones with their last lines
 * are redrawn below. A failed step leaves its whole log (its last lines, when it is long).
 */
export function createLiveProgress(out: Output, nowMs: () => number): BuildProgress {
  const titles = new Map<string, string>();
  const running = new Map<string, Running>();
  let drawn = 0;
  const timer = setInterval(redraw, REDRAW_MS);

  function planned(steps: readonly BuildStep[]): void {
    const several = hasSeveralStages(steps);
    for (const step of steps) titles.set(step.id, stepTitle(step, several));
  }

  function begin(step: string): Running {
    const splitters = { stdout: createLineSplitter(), stderr: createLineSplitter() };
    const state: Running = { startedMs: nowMs(), splitters, lines: [], progress: undefined };
    running.set(step, state);
    return state;
  }

  function output(event: EventOf<'step-output'>): void {
    const state = running.get(event.step) ?? begin(event.step);
    state.lines = [...state.lines, ...state.splitters[event.stream].push(event.text)].slice(-KEPT_LINES);
  }

  function ended(event: EventOf<'step-end'>): void {
    const state = running.get(event.step);
    running.delete(event.step);
    const title = titles.get(event.step) ?? event.step;
    const lines = [cut(` ${MARKS[event.outcome]} ${title}`, `${DIM}${noteOf(event)}${PLAIN}`)];
    if (event.outcome === 'failed' && state !== undefined) lines.push(...logOf(state));
    draw(lines);
  }

  /** A line cut to the terminal's width, its note always visible. */
  function cut(line: string, note = ''): string {
    const width = (out.columns() ?? 80) - visibleLength(note) - 2;
    const short = line.length > width ? `${line.slice(0, Math.max(0, width - 1))}…` : line;
    return note === '' ? short : `${short.padEnd(Math.min(60, width))}  ${note}`;
  }

  function redraw(): void {
    draw([]);
  }

  /** Replaces the redrawn part: `lasting` lines scroll up for good, the running steps follow. */
  function draw(lasting: readonly string[]): void {
    const live = [...running].flatMap(([step, state]) => drawRunning(step, state));
    const up = drawn === 0 ? '' : `\x1b[${drawn}A`;
    out.text(`${up}\x1b[J${[...lasting, ...live].map((line) => `${line}\n`).join('')}`);
    drawn = live.length;
  }

  function drawRunning(step: string, state: Running): string[] {
    const time = `${((nowMs() - state.startedMs) / 1000).toFixed(1)}s`;
    const head = cut(` > ${titles.get(step) ?? step}`, time);
    const progress = state.progress === undefined ? [] : [cut(`     ${state.progress}`)];
    const tail = state.lines
      .slice(-SHOWN_LINES)
      .map((line) => `${DIM}${cut(`   | ${uncoloured(line)}`)}${PLAIN}`);
    return [head, ...progress, ...tail];
  }

  return {
    show: (event) => {
      switch (event.type) {
        case 'plan':
          return planned(event.steps);
        case 'step-start':
          return void begin(event.step);
        case 'step-output':
          return output(event);
        case 'step-progress':
          (running.get(event.step) ?? begin(event.step)).progress = formatProgress(event);
          return;
        case 'step-end':
          return ended(event);
        case 'export':
          return draw([cut(` ✔ ${event.what}`)]);
        case 'record':
        case 'warning':
        case 'failed-root':
          return;
      }
    },
    end: () => {
      clearInterval(timer);
      running.clear();
      redraw();
    },
  };
}

const MARKS = { ran: '✔', cached: '✔', failed: `${RED}✘${PLAIN}`, cancelled: '-' };

function noteOf({ outcome, durationMs, reason }: EventOf<'step-end'>): string {
  if (outcome === 'cached') return 'CACHED';
  const why = outcome === 'ran' ? formatReason(reason) : undefined;
  return `${(durationMs / 1000).toFixed(1)}s${why === undefined ? '' : ` (${why})`}`;
}

function logOf(state: Running): string[] {
  const open = [...state.splitters.stdout.flush(), ...state.splitters.stderr.flush()];
  return [...state.lines, ...open].map((line) => `   | ${line}`);
}

function uncoloured(text: string): string {
  return text.replace(/\x1b\[[0-9;:]*m/g, '');
}

function visibleLength(text: string): number {
  return uncoloured(text).length;
}
