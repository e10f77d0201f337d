import type { BuildEvent, BuildStep } from '../../contract/builds-api.ts';
import type { TransferProgress } from '../../contract/oci-types.ts';
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
const DIM = '\x1b[2m';
const RED = '\x1b[31m';
const PLAIN = '\x1b[0m';

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
  let drawn = 0;
  let drawnWidth: number | undefined;
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
    const lines = [cut(` ${MARKS[event.outcome]} ${title}`, `${DIM}${noteOf(event)}${PLAIN}`)];
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
    draw([cut(` ${MARKS[outcome]} ${exporting}`)]);
    exporting = undefined;
  }

  /** The last column stays free: a full line would wrap on some terminals. */
  function width(): number {
    return (out.columns() ?? 80) - 1;
  }

  /** A line cut to the terminal's width, its note always visible. */
  function cut(line: string, note = ''): string {
    const room = width() - (note === '' ? 0 : visibleLength(note) + 2);
    const short = line.length > room ? `${line.slice(0, Math.max(0, room - 1))}…` : line;
    return note === '' ? short : `${short.padEnd(Math.min(60, room))}  ${note}`;
  }

  function redraw(): void {
    draw([]);
  }

  /** Replaces the redrawn part: `lasting` lines scroll up for good, the running steps follow. */
  function draw(lasting: readonly string[]): void {
    const live = drawLive();
    const up = drawn === 0 ? '' : `\x1b[${linesUp()}A`;
    // Each line is written over what was there: nothing is blank in between.
    const lines = [...lasting, ...live].map((line) => `${line}\x1b[K\n`);
    out.text(`${up}${lines.join('')}\x1b[J`);
    drawn = live.length;
    drawnWidth = out.columns();
  }

  /** A window that became narrower has wrapped what was drawn: every line then takes several. */
  function linesUp(): number {
    const [before, after] = [drawnWidth ?? 80, out.columns() ?? 80];
    return after < before ? drawn * Math.ceil(before / after) : drawn;
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
      state.progress === undefined ? [] : [`     ${formatTransfer(state.progress, width() - INDENT)}`];
    const tail = (lines === 0 ? [] : state.lines.slice(-lines)).map(
      (line) => `${DIM}${cut(`   | ${uncoloured(line)}`)}${PLAIN}`,
    );
    const blobs = (state.progress?.layers ?? [])
      .filter(({ state: at }) => at === 'transferring' || at === 'retrying')
      .slice(0, lines)
      .map((blob) => `       ${formatBlob(blob, width() - INDENT - 2)}`);
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
