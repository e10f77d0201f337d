import type { SourceLocation } from '../../contract/errors.ts';
import { dockerfileError } from './dockerfile-error.ts';
import type { StageInstruction } from './instruction.ts';
import { parseInstruction } from './parse-instruction.ts';
import { readStatements } from './read-statements.ts';
import { splitLines } from './scan-lines.ts';

/**
 * Parses the text of an ONBUILD trigger, as it stands in an image's config, when it fires: a file of one
 * instruction, in which the backslash escapes. Every location is that of the FROM which fires it.
 * Throws an EngineError DOCKERFILE.
 */
export function parseTrigger(trigger: string, location: SourceLocation): StageInstruction {
  const { statements, errors } = readStatements(splitLines(trigger), 0, '\\', location.file);
  const [statement, ...others] = statements;
  if (errors[0] !== undefined || statement === undefined || others.length > 0) {
    const reason = errors[0]?.message ?? 'it is not one instruction';
    throw dockerfileError(`the ONBUILD trigger ${JSON.stringify(trigger)} cannot run: ${reason}`, location);
  }
  const base = { ...statement.base, location, keyword: { ...statement.base.keyword, location } };
  const instruction = parseInstruction({ ...statement, base });
  if (instruction.kind === 'from' || instruction.kind === 'onbuild' || instruction.kind === 'maintainer') {
    throw dockerfileError(`${instruction.kind.toUpperCase()} is not allowed as an ONBUILD trigger`, location);
  }
  return { ...instruction, location };
}
