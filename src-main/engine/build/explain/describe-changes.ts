import type { Change } from '../../../contract/builds-api.ts';

const LONGEST = 80;

/** The first of the changes in one line, with how many more there are of its kind. */
export function describeChanges(changes: readonly Change[]): string {
  const [first] = changes;
  if (first === undefined) return '';
  if (first.kind === 'mount') return describeMount(first, changes);
  const text = describeChange(first);
  const others = changes.filter(({ kind }) => kind === first.kind).length - 1;
  return others === 0 ? text : `${text} and ${others} more`;
}

function describeChange(change: Change): string {
  const { kind, name, before, after } = change;
  switch (kind) {
    case 'instruction':
      return `the instruction was ${clip(before ?? '')}`;
    case 'argument':
      return describeNamed(`ARG ${name}`, before, after);
    case 'variable':
      return describeNamed(`ENV ${name}`, before, after);
    case 'option':
      return `${name} ${clip(before || 'none')} -> ${clip(after || 'none')}`;
    case 'mount':
      return describeMount(change, []);
    case 'file':
      return describeFileChange(change);
    case 'base':
      return describeBase(change);
    case 'parent':
      return describeStep(change);
  }
}

function describeNamed(name: string, before: string | undefined, after: string | undefined): string {
  if (before === undefined) return `${name} is new (${clip(after ?? '')})`;
  if (after === undefined) return `${name} is gone`;
  return before === after ? `${name} changed` : `${name} ${clip(before)} -> ${clip(after)}`;
}

function describeMount({ name, before, after }: Change, all: readonly Change[]): string {
  if (before === undefined) return `the mount ${name} is new`;
  if (after === undefined) return `the mount ${name} is gone`;
  const files = all.filter(({ kind }) => kind === 'file');
  if (files.length === 0) return `the mount ${name} shows something else`;
  return `${describeChanges(files)}, which the mount ${name} shows`;
}

function describeFileChange({ name, before, after }: Change): string {
  if (before === undefined) return `${name} added`;
  if (after === undefined) return `${name} removed`;
  const isContent = !/^(?:mode|owner|link to) /.test(after) || !/^(?:mode|owner|link to) /.test(before);
  return isContent ? `${name} changed` : `${name}: ${clip(before)} -> ${clip(after)}`;
}

function describeBase({ name, before = '', after = '' }: Change): string {
  if (!before.startsWith('sha')) return `base ${before} -> ${after}`;
  return `base ${name} moved ${shorten(before)} -> ${shorten(after)}`;
}

/** Of an earlier instruction: `before` is absent when it is new, `after` when it is gone. */
function describeStep({ name, before, after }: Change): string {
  if (before === undefined) return `${name} is new`;
  return after === undefined ? `${name} is gone` : `${name} gave another result`;
}

function shorten(digest: string): string {
  return `${digest.slice(0, 'sha256:'.length + 12)}…`;
}

function clip(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
