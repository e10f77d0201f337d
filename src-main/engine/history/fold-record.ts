import type { BuildRecord, RecordedStep } from '../../contract/build-records-api.ts';
import type { BuildEvent } from '../../contract/builds-api.ts';
import { digestOf } from '../oci/digest.ts';
import type { RecordHead, RecordLine } from './record-lines.ts';

type EndLine = Extract<RecordLine, { type: 'end' }>;

/** What the lines of one record have told so far. */
export class FoldedRecord {
  readonly head: RecordHead;
  dockerfile: BuildRecord['dockerfile'];
  stages: BuildRecord['stages'] = [];
  readonly warnings: BuildRecord['warnings'] = [];
  end: EndLine | undefined;
  /** When the last line was written. */
  lastMs = 0;
  readonly #steps = new Map<string, RecordedStep>();
  readonly #reads = new Set<string>();

  constructor(head: RecordHead) {
    this.head = head;
  }

  get steps(): readonly RecordedStep[] {
    return [...this.#steps.values()];
  }

  /** Over all that was read, in whatever order steps that ran side by side have read it. */
  get contextDigest(): BuildRecord['contextDigest'] {
    return this.#reads.size === 0 ? undefined : digestOf([...this.#reads].sort().join('\n'));
  }

  add(line: RecordLine): void {
    this.lastMs = Math.max(this.lastMs, line.t);
    switch (line.type) {
      case 'dockerfile': {
        const { path, file, text } = line;
        this.dockerfile = { path, file, text };
        return;
      }
      case 'stages':
        this.stages = line.stages;
        return;
      case 'read':
        this.#reads.add(line.digest);
        return;
      case 'event':
        return this.#addEvent(line.t, line.event);
      case 'end':
        this.end = line;
        return;
    }
  }

  #addEvent(atMs: number, event: BuildEvent): void {
    if (event.type === 'plan') for (const step of event.steps) this.#addStep(step);
    else if (event.type === 'warning') this.warnings.push(event.warning);
    else if (event.type === 'step-start') this.#change(event.step, { startMs: atMs, outcome: 'running' });
    else if (event.type === 'step-end') {
      const { outcome, layer, reason } = event;
      this.#change(event.step, {
        endMs: atMs,
        outcome,
        ...(layer === undefined ? {} : { layer }),
        ...(reason === undefined ? {} : { reason }),
      });
    }
  }

  /** A later plan takes nothing away from a step that began before it. */
  #addStep(step: RecordedStep): void {
    this.#steps.set(step.id, { ...this.#steps.get(step.id), ...step });
  }

  #change(id: string, change: Partial<RecordedStep>): void {
    const step = this.#steps.get(id);
    if (step !== undefined) this.#steps.set(id, { ...step, ...change });
  }
}
