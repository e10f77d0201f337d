import type { BuildEvent, BuildStep } from '../../contract/builds-api.ts';
import { cleanText } from '../format/clean-text.ts';
import { explainChanges } from '../format/explain-changes.ts';
import type { Output } from '../output.ts';
import type { BuildProgress } from './build-progress.ts';

type StepEnd = Extract<BuildEvent, { type: 'step-end' }>;

const WIDEST = 60;

/** Only why steps ran: a line each as they end and one for each change behind it, and how many came from the cache; or each step as a line of JSON. */
export function createExplainProgress(out: Output, format: 'text' | 'json'): BuildProgress {
  const steps = new Map<string, BuildStep>();
  const counts = { ran: 0, cached: 0 };

  function ended(event: StepEnd): void {
    const step = steps.get(event.step);
    if (step === undefined) return;
    if (event.outcome === 'ran' || event.outcome === 'cached') counts[event.outcome] += 1;
    if (format === 'json') out.line(JSON.stringify(toJson(step, event)));
    else if (event.outcome !== 'cached') {
      out.line(toLine(step, event, widthOf(steps)));
      for (const line of explainChanges(event.reason)) out.line(`      ${line}`);
    }
  }

  return {
    show: (event) => {
      if (event.type === 'plan') for (const step of event.steps) steps.set(step.id, step);
      if (event.type === 'step-end') ended(event);
    },
    end: () => {
      if (format === 'text') out.line(summary(counts));
    },
  };
}

function toJson(step: BuildStep, { outcome, durationMs, reason }: StepEnd): object {
  const { id, stage, instruction, location } = step;
  return { step: id, stage, line: location.line, instruction, outcome, durationMs, reason };
}

function toLine(step: BuildStep, { outcome, reason }: StepEnd, width: number): string {
  const why = outcome === 'ran' ? (reason?.text ?? '') : outcome;
  return `${String(step.location.line).padStart(4)}  ${nameOf(step).padEnd(width)}  ${cleanText(why)}`;
}

function widthOf(steps: ReadonlyMap<string, BuildStep>): number {
  return Math.max(...Array.from(steps.values(), (step) => nameOf(step).length));
}

function nameOf({ instruction }: BuildStep): string {
  const [first = ''] = instruction.split('\n', 1);
  const name = cleanText(first);
  return name.length <= WIDEST ? name : `${name.slice(0, WIDEST - 1)}…`;
}

function summary({ ran, cached }: { readonly ran: number; readonly cached: number }): string {
  const steps = (count: number) => (count === 1 ? '1 step' : `${count} steps`);
  return `${steps(ran)} ran, ${cached} came from the cache.`;
}
