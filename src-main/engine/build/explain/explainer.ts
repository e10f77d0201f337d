import type { BuildStep, Change, Reason } from '../../../contract/builds-api.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import type { Store } from '../../store/store.ts';
import type { PlannedStage } from '../plan/planned-stage.ts';
import { compareInputs } from './compare-inputs.ts';
import { describeChanges } from './describe-changes.ts';
import { matchSteps } from './match-steps.ts';
import {
  readFileVersions,
  readStepRecords,
  removeFileVersions,
  writeFileVersions,
  writeStepRecords,
  type StepRecord,
} from './step-records.ts';
import { clipped } from './shown-value.ts';
import type { ExplainedStep, StepInputs } from './step-inputs.ts';

/** More differences than this are only counted. */
const MOST_CHANGES = 100;

/** Why the cache gave nothing; what it is looked up with is compared only then. */
export type CacheMiss = 'missing' | 'evicted' | 'no-cache' | 'no-cache-filter';

/** The build whose steps are explained. */
export interface ExplainedBuild {
  readonly store: Store;
  /** Equal for builds that are each other's earlier and later ones. */
  readonly key: Digest;
  readonly steps: readonly BuildStep[];
  readonly stages: ReadonlyMap<number, PlannedStage>;
}

/** A step that has ended. */
interface EndedStep extends ExplainedStep {
  readonly key: Digest;
  /** Undefined when it is not known yet what the step will give. */
  readonly content: Digest | undefined;
  /** Undefined when it came from the cache. */
  readonly ranMs?: number | undefined;
}

/**
 * Compares each step of a build with the same step of the build before, which is found by what it says and where it
 * stands. `save` keeps this build's steps for the next.
 */
export class Explainer {
  private readonly build: ExplainedBuild;
  private readonly earlier: readonly StepRecord[] | undefined;
  private readonly matches: ReadonlyMap<string, StepRecord>;
  private readonly ended = new Map<string, EndedStep>();
  private readonly bases = new Map<string, { readonly digest: Digest; readonly content: Digest }>();
  private readonly failed = new Set<string>();

  constructor(build: ExplainedBuild) {
    this.build = build;
    this.earlier = readStepRecords(build.store, build.key);
    const steps = build.steps.map((step) => ({ ...step, written: step.instruction }));
    const matched = matchSteps(steps, this.earlier ?? []);
    this.matches = new Map(Array.from(matched, ([at, record]) => [steps[at]?.id ?? '', record]));
  }

  /** How long the step took when it last ran. */
  lastMs(step: string): number | undefined {
    return this.matches.get(step)?.ranMs;
  }

  /** A FROM whose image is known. */
  base(step: string, digest: Digest, content: Digest): void {
    this.bases.set(step, { digest, content });
  }

  /** Whether the files of the step with this key are kept from an earlier build. */
  knowsFiles(key: Digest): boolean {
    return this.filesOf(key) !== undefined;
  }

  private filesOf(key: Digest): Digest | undefined {
    return this.earlier?.find((record) => record.key === key && record.files !== undefined)?.files;
  }

  /** The image that a FROM of that name had in the build before, where that was another one. */
  movedFrom(name: string, digest: Digest): Digest | undefined {
    const before = this.earlier?.find(
      ({ keyword, written }) => keyword === 'FROM' && imageOf(written) === name,
    );
    return before?.key === digest ? undefined : before?.key;
  }

  end(step: string, ended: EndedStep): void {
    this.ended.set(step, ended);
  }

  fail(step: string): void {
    this.failed.add(step);
  }

  /** Why the step runs, or will. `key` is what it was looked up with. */
  reason(step: string, now: ExplainedStep, key: Digest | undefined, miss: CacheMiss): Reason {
    const before = this.matches.get(step);
    const causes = before?.inputs === undefined ? [] : this.compare(step, now, before, before.inputs);
    const told = this.withoutInputs(before, miss) ?? fromCauses(causes, before?.key === key);
    const more = causes.length - MOST_CHANGES;
    const changes = causes.slice(0, MOST_CHANGES).map(({ change }) => change);
    return { ...told, ...(changes.length === 0 ? {} : { changes }), ...(more > 0 ? { more } : {}) };
  }

  /** Keeps what is known of this build's steps, and of the earlier ones where this build did not come that far. */
  save(): void {
    const { store, key, steps } = this.build;
    const records = steps.map((step) => this.record(step));
    if (JSON.stringify(records) === JSON.stringify(this.earlier)) return;
    writeStepRecords(store, key, records);
    const kept = new Set(records.map(({ files }) => files));
    const old = (this.earlier ?? []).flatMap(({ files }) =>
      files === undefined || kept.has(files) ? [] : [files],
    );
    removeFileVersions(store, Array.from(new Set(old)));
  }

  /** What needs no comparison. */
  private withoutInputs(before: StepRecord | undefined, miss: CacheMiss): Told | undefined {
    if (miss === 'no-cache') return { kind: 'no-cache', text: 'the cache was not asked (--no-cache)' };
    if (miss === 'no-cache-filter') {
      return { kind: 'no-cache', text: 'the cache was not asked for this stage (--no-cache-filter)' };
    }
    if (miss === 'evicted') return { kind: 'evicted', text: 'its layer is not in the store any more' };
    if (before?.failed === true) return { kind: 'first', text: 'it did not come to its end the last time' };
    if (this.earlier !== undefined && before === undefined)
      return { kind: 'first', text: 'this instruction is new' };
    if (before?.inputs !== undefined) return undefined;
    return { kind: 'first', text: 'this step has not run before' };
  }

  private compare(
    step: string,
    now: ExplainedStep,
    before: StepRecord,
    earlier: StepInputs,
  ): readonly Cause[] {
    const { store } = this.build;
    const files = before.files === undefined ? undefined : readFileVersions(store, before.files);
    const own = compareInputs(
      { inputs: earlier, files },
      { inputs: now.inputs, files: files === undefined ? undefined : now.files() },
    ).map((change) => ({ change }));
    const above = now.inputs.parent === earlier.parent ? [] : [this.causeAbove(step, before)];
    const isBase = ({ change }: Cause) => change.kind === 'base';
    return [
      ...above.filter(isBase),
      ...own,
      ...this.causesInSource(now.inputs, own),
      ...above.filter((cause) => !isBase(cause)),
    ];
  }

  /** The first of the steps before this one, base stages first, that did not give what it gave in the build before. */
  private causeAbove(step: string, before: StepRecord): Cause {
    const stage = Number(step.slice(0, step.indexOf('.')));
    return (
      this.firstCause(this.chain(stage, step)) ??
      this.removedAbove(before) ?? {
        change: { kind: 'parent', name: 'an earlier step', before: '', after: '' },
      }
    );
  }

  /** Files that come from a stage are others because something in it ran. */
  private causesInSource({ fromStage }: StepInputs, own: readonly Cause[]): readonly Cause[] {
    if (fromStage === undefined || !own.some(({ change }) => change.kind === 'file')) return [];
    const cause = this.firstCause(this.chain(fromStage));
    return cause === undefined ? [] : [cause];
  }

  private chain(stage: number, until?: string): readonly BuildStep[] {
    const base = this.build.stages.get(stage)?.base;
    const below = base?.kind === 'stage' ? this.chain(base.index) : [];
    const own = this.build.steps.filter(({ id }) => id.startsWith(`${stage}.`));
    const end = own.findIndex(({ id }) => id === until);
    return [...below, ...(end < 0 ? own : own.slice(0, end))];
  }

  private firstCause(chain: readonly BuildStep[]): Cause | undefined {
    for (const step of chain) {
      const cause = this.causeIn(step);
      if (cause !== undefined) return cause;
    }
    return undefined;
  }

  private causeIn(step: BuildStep): Cause | undefined {
    const then = this.matches.get(step.id);
    const base = this.bases.get(step.id);
    if (base !== undefined) return then === undefined ? undefined : baseCause(step, base, then);
    const name = titleOf(step.instruction, step.location.line);
    if (then === undefined)
      return { change: { kind: 'parent', name, after: clipped(step.instruction) }, step: step.id };
    const now = this.ended.get(step.id);
    if (now === undefined || (now.content !== undefined && now.content === then.content)) return undefined;
    const [before, after] = [shortContent(then.content), shortContent(now.content)];
    return { change: { kind: 'parent', name, before, after }, step: step.id };
  }

  /** An instruction that stood above in the build before and does not any more. */
  private removedAbove(before: StepRecord): Cause | undefined {
    const earlier = this.earlier ?? [];
    const matched = new Set(this.matches.values());
    const gone = earlier
      .slice(0, earlier.indexOf(before))
      .find((record) => record.stage === before.stage && !matched.has(record));
    if (gone === undefined) return undefined;
    const name = titleOf(gone.written, gone.line);
    return { change: { kind: 'parent', name, before: clipped(gone.written) } };
  }

  private record(step: BuildStep): StepRecord {
    const { id, stage, keyword, instruction: written, location } = step;
    const place = { stage, keyword, written, line: location.line };
    const base = this.bases.get(id);
    if (base !== undefined) return { ...place, key: base.digest, content: base.content };
    const before = this.matches.get(id);
    const ended = this.ended.get(id);
    if (ended === undefined) return { ...before, ...place, ...(this.failed.has(id) ? { failed: true } : {}) };
    const ranMs = ended.ranMs ?? before?.ranMs;
    const files = this.keepFiles(ended);
    return {
      ...place,
      key: ended.key,
      inputs: ended.inputs,
      ...(ended.content === undefined ? {} : { content: ended.content }),
      ...(files === undefined ? {} : { files }),
      ...(ranMs === undefined ? {} : { ranMs }),
    };
  }

  /** Lists may be long: one that the build before has kept is not written again. */
  private keepFiles(ended: EndedStep): Digest | undefined {
    const known = this.filesOf(ended.key);
    if (known !== undefined) return known;
    const files = ended.files();
    if (files === undefined || files.size === 0) return undefined;
    writeFileVersions(this.build.store, ended.key, files);
    return ended.key;
  }
}

type Told = Pick<Reason, 'kind' | 'text' | 'step'>;

/** A change, and the step of this build in which it came about. */
interface Cause {
  readonly change: Change;
  readonly step?: string;
}

function fromCauses(causes: readonly Cause[], isSameKey: boolean): Told {
  const [first] = causes;
  if (first !== undefined) {
    const text = describeChanges(causes.map(({ change }) => change));
    const step = causes.find((cause) => cause.step !== undefined)?.step;
    return { kind: first.change.kind, text, ...(step === undefined ? {} : { step }) };
  }
  if (isSameKey) return { kind: 'evicted', text: 'its earlier result is not in the cache any more' };
  return { kind: 'unknown', text: 'its earlier result is not known any more' };
}

function baseCause(
  step: BuildStep,
  now: { readonly digest: Digest; readonly content: Digest },
  then: StepRecord,
): Cause | undefined {
  if (now.content === then.content) return undefined;
  const [name, before] = [imageOf(step.instruction), imageOf(then.written)];
  const change: Change =
    name === before
      ? { kind: 'base', name, before: then.key ?? '', after: now.digest }
      : { kind: 'base', name, before, after: name };
  return { change, step: step.id };
}

/** `FROM name`, as the plan writes it. */
function imageOf(from: string): string {
  return from.replace(/^FROM /, '');
}

function shortContent(content: Digest | undefined): string {
  return content === undefined ? 'not known' : `${content.slice(0, 'sha256:'.length + 12)}…`;
}

const TITLE_CHARACTERS = 50;

/** `COPY src /src (line 3)`. */
function titleOf(instruction: string, line: number): string {
  const [first = ''] = instruction.split('\n', 1);
  const title = first.length <= TITLE_CHARACTERS ? first : `${first.slice(0, TITLE_CHARACTERS - 1)}…`;
  return `${title} (line ${line})`;
}
