import type { Completion } from '../../contract/dockerfiles-api.ts';
import type { KnownVariable, Variables } from '../dockerfile/language/variables-in-scope.ts';

const SHOWN = 60;

/** A value in a few characters. */
export function shortValue(value: string): string {
  return value.length <= SHOWN ? value : `${value.slice(0, SHOWN)}…`;
}

/** Who gives a variable its value, for a reader. */
export function setBy({ kind, from, location, image }: KnownVariable): string {
  if (from === 'base image') return `the base image ${image}`;
  if (from === 'platform')
    return location === undefined ? 'every build' : `every build, declared on line ${location.line}`;
  const place = `${kind} on line ${location?.line}`;
  return from === 'build argument' ? `a build argument, declared by ${place}` : place;
}

/** Variables for after `$` or `${`, those that were set last first. */
export function completeVariables(
  variables: Variables,
  want: { readonly braces: boolean; readonly environmentOnly: boolean },
  next: string,
): Completion[] {
  return Array.from(variables.values())
    .filter(({ kind }) => kind === 'ENV' || !want.environmentOnly)
    .toReversed()
    .map((variable) => ({
      kind: 'variable',
      label: variable.name,
      insert: want.braces && next !== '}' ? `${variable.name}}` : variable.name,
      detail: variable.value === undefined ? 'no value' : shortValue(variable.value),
      documentation: `Set by ${setBy(variable)}.`,
      continues: false,
    }));
}
