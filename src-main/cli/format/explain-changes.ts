import type { Change, Reason } from '../../contract/builds-api.ts';
import { cleanText } from './clean-text.ts';

/** More than that scrolls away what it explains. */
const MOST_LINES = 20;

/**
 * A line for each change behind a step, with before and after; none where the reason's own line says it all. An added
 * one is marked with `+`, a removed one with `-`, any other with `~`.
 */
export function explainChanges(reason: Reason | undefined): readonly string[] {
  const { changes = [], more = 0 } = reason ?? {};
  if (changes.length === 1 && changes.every(({ kind }) => kind !== 'file')) return [];
  const rest = Math.max(0, changes.length - MOST_LINES) + more;
  const lines = changes.slice(0, MOST_LINES).map(explainChange);
  return rest === 0 ? lines : [...lines, `… and ${rest} more`];
}

function explainChange(change: Change): string {
  const { before, after } = change;
  const mark = before === undefined ? '+' : after === undefined ? '-' : '~';
  return cleanText(`${mark} ${nameOf(change)}${valuesOf(before, after)}`);
}

function nameOf({ kind, name }: Change): string {
  const words = {
    argument: `ARG ${name}`,
    variable: `ENV ${name}`,
    mount: `mount ${name}`,
    base: `base ${name}`,
  };
  return kind in words ? words[kind as keyof typeof words] : name;
}

/** Values that are not to be told are the same before and after. */
function valuesOf(before: string | undefined, after: string | undefined): string {
  if (before === after || (before || after || '') === '') return '';
  return `: ${[before, after].filter((value) => value !== undefined).join(' -> ')}`;
}
