import type { BuildEvent, BuildStep } from '../../contract/builds-api.ts';
import type { TransferProgress } from '../../contract/oci-types.ts';
import { countColumns, fitColumns } from '../format/fit-columns.ts';
import { shortDigest } from '../format/short-digest.ts';
import type { Output } from '../output.ts';
import type { BuildProgress } from './build-progress.ts';
import { formatBase } from './format-base.ts';
import { createLineSplitter, type LineSplitter } from './line-splitter.ts';
import { formatBlob } from './format-blob.ts';
import { formatTransfer } from './format-transfer.ts';
import { formatReason } from './plain-progress.ts';
import { hasSeveralStages, stepTitle } from './step-title.ts';

type EventOf<Type extends BuildEvent['type']> = Extract<BuildEvent, { type: Type }>;

const REDRAW_MS = 100;
const SHOWN_LINES = 5;
const KEPT_LINES = 500;
const MOST_ROWS = 24;
const INDENT = 5;

interface Running {
  readonly startedMs: number;
  readonly splitters: Record<'stdout' | 'stderr', LineSplitter>;
  lines: string[];
  progress: TransferProgress | undefined;
}

/**
 * The build on a terminal: a line for each finished step scrolls up and stays, the running ones with their last lines
 * are redrawn below. A failed step leaves its whole log (its last lines, when it is long).
 */
export function createLiveProgress(out: Output, nowMs: () => number): BuildProgress {
  const titles = new Map<string, string>();
  const running = new Map<string, Running>();
  const begunMs = nowMs();
  let endedSteps = 0;
  let exporting: string | undefined;
  let drawn: readonly string[] = [];
  const paint = out.hasColours ? coloured : uncoloured;
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

  /** The digest belongs to the name from now on; a tag that stands where it stood needs no line. */
  function told(event: EventOf<'base'>): void {
    const title = titles.get(event.step);
    const digits = event.name.includes('@') ? '' : `@sha256:${shortDigest(event.digest)}`;
    if (title !== undefined) titles.set(event.step, `${title}${digits}`);
    if (event.before !== undefined) draw([cut(` ~ ${formatBase(event)}`)]);
  }

  function ended(event: EventOf<'step-end'>): void {
    const state = running.get(event.step);
    running.delete(event.step);
    endedSteps += 1;
    const title = titles.get(event.step) ?? event.step;
    const lines = [cut(` ${markOf(event.outcome)} ${title}`, paint(DIM, noteOf(event)))];
    if (event.outcome === 'failed' && state !== undefined) lines.push(...logOf(state));
    draw(lines);
  }

  /** What is written runs as a step does, by its own name. */
  function exported(event: EventOf<'export'>): void {
    if (event.bytes === undefined) {
      endExport('ran');
      exporting = event.what;
    }
    const state = running.get(event.what) ?? begin(event.what);
    if (event.bytes !== undefined) state.progress = { ...event, what: 'writing' };
  }

  /** Nothing says that one is written, but what comes after it. */
  function endExport(outcome: 'ran' | 'failed'): void {
    if (exporting === undefined) return;
    running.delete(exporting);
    draw([cut(` ${markOf(outcome)} ${exporting}`)]);
    exporting = undefined;
  }

  function markOf(outcome: EventOf<'step-end'>['outcome']): string {
    return outcome === 'failed' ? paint(RED, MARKS.failed) : MARKS[outcome];
  }

  /** The last column stays free: a full line would wrap on some terminals. */
  function width(): number {
    return (out.columns() ?? 80) - 1;
  }

  /** A line cut to the terminal's width; its note too, where it leaves less than half of it. */
  function cut(line: string, note = ''): string {
    if (note === '') return fitColumns(line, width());
    const half = Math.floor(width() / 2);
    const end = fitColumns(note, Math.max(half, width() - countColumns(line) - GAP));
    const room = Math.max(0, width() - countColumns(end) - GAP);
    const start = fitColumns(line, room);
    const padding = Math.max(0, Math.min(WIDEST_TITLE, room) - countColumns(start)) + GAP;
    return fitColumns(`${start}${' '.repeat(padding)}${end}`, width());
  }

  function redraw(): void {
    draw([]);
  }

  /** Replaces the redrawn part: `lasting` lines scroll up for good, the running steps follow. */
  function draw(lasting: readonly string[]): void {
    const live = drawLive();
    const up = drawn.length === 0 ? '' : `\x1b[${linesUp()}A`;
    // Each line is written over what was there: nothing is blank in between.
    const lines = [...lasting, ...live].map((line) => `${line}\x1b[K\n`);
    out.text(`${up}${lines.join('')}\x1b[J`);
    drawn = live;
  }

  /** A window that became narrower has wrapped what was drawn: a long line then takes several. */
  function linesUp(): number {
    const columns = width() + 1;
    return drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(countColumns(line) / columns)), 0);
  }

  /** All that runs, with its output as far as there is room for it. */
  function drawLive(): readonly string[] {
    if (running.size === 0) return [];
    const seconds = ((nowMs() - begunMs) / 1000).toFixed(1);
    const head = `[+] Building ${seconds}s (${endedSteps}/${Math.max(titles.size, endedSteps)})`;
    const room = (out.rows() ?? MOST_ROWS) - 2;
    const tail = Math.min(SHOWN_LINES, Math.max(0, Math.floor(room / running.size) - 2));
    const lines = [...running].flatMap(([step, state]) => drawRunning(step, state, tail));
    return [cut(head), ...lines].slice(0, Math.max(1, room));
  }

  function drawRunning(step: string, state: Running, lines: number): string[] {
    const time = `${((nowMs() - state.startedMs) / 1000).toFixed(1)}s`;
    const head = cut(` > ${titles.get(step) ?? step}`, time);
    const progress =
      state.progress === undefined ? [] : [cut(`     ${formatTransfer(state.progress, width() - INDENT)}`)];
    const tail = (lines === 0 ? [] : state.lines.slice(-lines)).map((line) =>
      paint(DIM, cut(`   | ${withoutColours(line)}`)),
    );
    const blobs = (state.progress?.layers ?? [])
      .filter(({ state: at }) => at === 'transferring' || at === 'retrying')
      .slice(0, lines)
      .map((blob) => cut(`       ${formatBlob(blob, width() - INDENT - 2)}`));
    return [head, ...progress, ...blobs, ...tail];
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
          (running.get(event.step) ?? begin(event.step)).progress = event;
          return;
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
    end: (failed) => {
      clearInterval(timer);
      endExport(failed ? 'failed' : 'ran');
      running.clear();
      redraw();
    },
  };
}

const MARKS = { ran: '✔', cached: '✔', failed: '✘', cancelled: '-' };
const WIDEST_TITLE = 60;
const GAP = 2;
const DIM = '2';
const RED = '31';

function coloured(code: string, text: string): string {
  return `\x1b[${code}m${text}\x1b[0m`;
}

function uncoloured(_code: string, text: string): string {
  return text;
}

function noteOf({ outcome, durationMs, reason }: EventOf<'step-end'>): string {
  if (outcome === 'cached') return 'CACHED';
  const why = outcome === 'ran' ? formatReason(reason) : undefined;
  return `${(durationMs / 1000).toFixed(1)}s${why === undefined ? '' : ` (${why})`}`;
}

function logOf(state: Running): string[] {
  const open = [...state.splitters.stdout.flush(), ...state.splitters.stderr.flush()];
  return [...state.lines, ...open].map((line) => `   | ${line}`);
}

function withoutColours(text: string): string {
  return text.replace(/\x1b\[[0-9;:]*m/g, '');
}
