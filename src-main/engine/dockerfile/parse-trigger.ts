import { EngineError, isEngineError } from '../../contract/errors.ts';
import type { SourceLocation } from '../../contract/errors.ts';
import { dockerfileError } from './dockerfile-error.ts';
import type { StageInstruction } from './instruction.ts';
import { parseInstruction } from './parse-instruction.ts';
import { readStatements } from './read-statements.ts';
import { splitLines } from './scan-lines.ts';

const SHOWN = 80;

/**
 * Parses the text of an ONBUILD trigger, as it stands in an image's config, when it fires: a file of one
 * instruction, in which the backslash escapes. Every location in it is that of the FROM which fires it.
 * Throws an EngineError DOCKERFILE that quotes the trigger.
 */
export function parseTrigger(trigger: string, location: SourceLocation): StageInstruction {
  try {
    return withPlace(parseText(trigger, location), location);
  } catch (error) {
    throw triggerError(error, trigger, location);
  }
}

function parseText(trigger: string, location: SourceLocation): StageInstruction {
  const { statements, errors } = readStatements(splitLines(trigger), 0, '\\', location.file);
  const [statement, ...others] = statements;
  if (errors[0] !== undefined) throw errors[0];
  if (statement === undefined || others.length > 0)
    throw dockerfileError('it is not one instruction', location);
  const instruction = parseInstruction(statement);
  if (instruction.kind === 'from' || instruction.kind === 'onbuild' || instruction.kind === 'maintainer') {
    throw dockerfileError(`${instruction.kind.toUpperCase()} is not allowed as an ONBUILD trigger`, location);
  }
  return instruction;
}

/** What a trigger threw, at the FROM that fires it and with the trigger's text: its own places mean nothing there. */
export function triggerError<E>(error: E, trigger: string, location: SourceLocation): E | EngineError {
  if (!isEngineError(error) || error.code === 'CANCELLED') return error;
  const [first = ''] = trigger.split('\n', 1);
  const shown = first.length > SHOWN ? `${first.slice(0, SHOWN)}…` : first;
  const { code, message, hint, cause } = error;
  const said = message.startsWith(shown) ? message : `${shown}: ${message}`;
  return new EngineError(code, `ONBUILD ${said}`, { hint, location, cause });
}

function isLocation(value: object): value is SourceLocation {
  return 'endColumn' in value && 'endLine' in value;
}

/** The same data with `location` in the place of every location in it. */
function withPlace<T>(value: T, location: SourceLocation): T {
  const change = (part: unknown): unknown => {
    if (typeof part !== 'object' || part === null) return part;
    if (isLocation(part)) return location;
    if (Array.isArray(part)) return part.map(change);
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, change(inner)]));
  };
  // Only locations have changed, for others of their type.
  return change(value) as T;
}
