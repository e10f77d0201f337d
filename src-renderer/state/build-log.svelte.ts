import type { Base, BuildEvent, BuildStep, Change, Reason } from '../../src-main/contract/builds-api.ts';
import type { Digest } from '../../src-main/contract/oci-types.ts';
import { progressShare, progressText } from './progress-text.ts';
import { TerminalText, type TextLine } from './terminal-text.ts';

export type StepStatus = 'waiting' | 'running' | 'ran' | 'cached' | 'failed' | 'cancelled';

/** One instruction of the build and everything that it said. Changed only by its BuildLog, between two versions. */
export interface LogSection {
  step: BuildStep;
  status: StepStatus;
  open: boolean;
  startedAt: number | undefined;
  durationMs: number | undefined;
  layer: { readonly digest: Digest; readonly sizeBytes: number } | undefined;
  reason: Reason | undefined;
  /** The image of a FROM. */
  base: Base | undefined;
  /** The changes behind the reason are shown. */
  explained: boolean;
  progress: string | undefined;
  /** How much of it is done, from 0 to 1. */
  share: number | undefined;
  readonly output: TerminalText;
}

export interface LogMatch {
  readonly section: number;
  readonly line: number;
}

const MOST_MATCHES = 10_000;
const FRAME_BUDGET_MS = 8;

/**
 * The log of one build. Events may come in any number; what readers see changes at most once a frame, when `version`
 * grows. Nothing is ever dropped.
 */
export class BuildLog {
  version = $state(0);
  sections = $state.raw<readonly LogSection[]>([]);
  warnings = $state.raw<readonly Extract<BuildEvent, { type: 'warning' }>['warning'][]>([]);
  exporting = $state<string>();
  /** How much of that is written, from 0 to 1. */
  exportShare = $state<number>();
  /** The file system as a command that failed left it. */
  failedRoot = $state.raw<string>();
  readonly #byStep = new Map<string, LogSection>();
  readonly #schedule: (draw: () => void) => void;
  readonly #now: () => number;
  #waiting: BuildEvent[] = [];
  #scheduled = false;

  constructor(
    schedule: (draw: () => void) => void = onNextFrame,
    now: () => number = () => performance.now(),
  ) {
    this.#schedule = schedule;
    this.#now = now;
  }

  push(event: BuildEvent): void {
    this.#waiting.push(event);
    this.#scheduleFrame();
  }

  /** Applies what has come so far at once. */
  flush(): void {
    this.#applyUntil(Infinity);
  }

  #scheduleFrame(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => this.#frame());
  }

  /** Applies what fits into a frame; the rest waits for the next, so that the window stays quick in any flood. */
  #frame(): void {
    this.#scheduled = false;
    this.#applyUntil(this.#now() + FRAME_BUDGET_MS);
    if (this.#waiting.length > 0) this.#scheduleFrame();
  }

  #applyUntil(deadline: number): void {
    if (this.#waiting.length === 0) return;
    let applied = 0;
    do {
      const event = this.#waiting[applied++];
      if (event !== undefined) this.#apply(event);
    } while (applied < this.#waiting.length && this.#now() < deadline);
    this.#waiting = this.#waiting.slice(applied);
    this.version++;
  }

  /** What was running when the build ended is not running any more. */
  end(status: 'failed' | 'cancelled' | 'ran'): void {
    this.flush();
    for (const section of this.sections) {
      if (section.status === 'running') this.#finish(section, status);
    }
    this.exporting = undefined;
    this.exportShare = undefined;
    this.version++;
  }

  toggle(position: number): void {
    const section = this.sections[position];
    if (section === undefined) return;
    section.open = !section.open;
    this.version++;
  }

  /** Shows what had changed, or hides it. */
  toggleReason(position: number): void {
    const section = this.sections[position];
    if (section === undefined) return;
    section.explained = !section.explained;
    this.version++;
  }

  /** A section as it is at this version. */
  stepAt(position: number): LogSection | undefined {
    void this.version;
    const section = this.sections[position];
    return section && { ...section };
  }

  /** A line of a section's output, from 0. */
  lineAt(position: number, line: number): TextLine | undefined {
    void this.version;
    return this.sections[position]?.output.at(line);
  }

  setAllOpen(open: boolean): void {
    for (const section of this.sections) section.open = open;
    this.version++;
  }

  /** Rows that a section takes: its instruction, what had changed when that is shown and, when open, its output. */
  rowsOf(section: LogSection): number {
    return 1 + this.changesOf(section).length + (section.open ? section.output.count : 0);
  }

  /** What had changed, as far as it is shown. */
  changesOf({ reason, explained }: LogSection): readonly Change[] {
    return explained ? (reason?.changes ?? []) : [];
  }

  changeAt(position: number, row: number): Change | undefined {
    void this.version;
    const section = this.sections[position];
    return section && this.changesOf(section)[row];
  }

  get counts(): { readonly ended: number; readonly total: number; readonly cached: number } {
    void this.version;
    const ended = this.sections.filter((section) => ['ran', 'cached'].includes(section.status)).length;
    const cached = this.sections.filter((section) => section.status === 'cached').length;
    return { ended, total: this.sections.length, cached };
  }

  /** Everything as plain text, for the clipboard. */
  asText(): string {
    return this.sections.map((section) => sectionText(section)).join('\n');
  }

  /** Output lines that contain `query`, ignoring case; opens nothing. */
  find(query: string): readonly LogMatch[] {
    const wanted = query.toLowerCase();
    const found: LogMatch[] = [];
    if (wanted === '') return found;
    for (const [index, section] of this.sections.entries()) {
      for (let line = 0; line < section.output.count && found.length < MOST_MATCHES; line++) {
        if (section.output.at(line)?.text.toLowerCase().includes(wanted))
          found.push({ section: index, line });
      }
    }
    return found;
  }

  open(section: LogSection): void {
    if (section.open) return;
    section.open = true;
    this.version++;
  }

  #apply(event: BuildEvent): void {
    switch (event.type) {
      case 'record':
        return;
      case 'plan':
        return this.#plan(event.steps);
      case 'warning':
        this.warnings = [...this.warnings, event.warning];
        return;
      case 'export':
        this.exporting = progressText(event);
        this.exportShare = progressShare(event);
        return;
      default:
        return this.#applyToStep(event);
    }
  }

  #plan(steps: readonly BuildStep[]): void {
    for (const step of steps) {
      const known = this.#byStep.get(step.id);
      if (known === undefined) this.#byStep.set(step.id, emptySection(step));
      else known.step = step;
    }
    this.sections = steps.flatMap((step) => this.#byStep.get(step.id) ?? []);
  }

  #applyToStep(event: Extract<BuildEvent, { step: string }>): void {
    const section = this.#byStep.get(event.step);
    if (section === undefined) return;
    switch (event.type) {
      case 'step-start':
        section.status = 'running';
        section.open = true;
        section.startedAt = Date.parse(event.at);
        return;
      case 'step-output':
        section.output.write(event.text);
        return;
      case 'step-progress':
        section.progress = progressText(event);
        section.share = progressShare(event);
        return;
      case 'step-end':
        section.layer = event.layer;
        section.reason = event.reason;
        section.durationMs = event.durationMs;
        this.#finish(section, event.outcome);
        return;
      case 'base':
        section.base = event;
        return;
      case 'failed-root':
        this.failedRoot = event.image;
        return;
    }
  }

  #finish(section: LogSection, status: StepStatus): void {
    section.status = status;
    section.progress = undefined;
    section.share = undefined;
    if (status === 'failed') section.open = true;
  }
}

function emptySection(step: BuildStep): LogSection {
  return {
    step,
    status: 'waiting',
    open: true,
    startedAt: undefined,
    durationMs: undefined,
    layer: undefined,
    reason: undefined,
    base: undefined,
    explained: false,
    progress: undefined,
    share: undefined,
    output: new TerminalText(),
  };
}

function sectionText(section: LogSection): string {
  const { stage, position, total, instruction } = section.step;
  const head = `[${stage} ${position}/${total}] ${instruction}  ${section.status.toUpperCase()}`;
  const lines = Array.from({ length: section.output.count }, (_, i) => section.output.at(i)?.text ?? '');
  return [head, ...lines].join('\n');
}

/** Once in the next frame, or soon where no frames are drawn (a hidden window). */
function onNextFrame(flush: () => void): void {
  let done = false;
  const once = (): void => {
    if (done) return;
    done = true;
    clearTimeout(timer);
    cancelAnimationFrame(frame);
    flush();
  };
  const timer = setTimeout(once, 250);
  const frame = requestAnimationFrame(once);
}
