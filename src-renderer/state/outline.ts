import type { OutlineStage } from '../../src-main/contract/dockerfiles-api.ts';
import type { SourceLocation } from '../../src-main/contract/errors.ts';

/** What a stage is called in the outline: its name, its number, or what stands before the first. */
export function titleOf({ index, name }: OutlineStage): string {
  if (index === undefined) return 'Before the stages';
  return name ?? `Stage ${index}`;
}

/** What is listed below a stage: its FROM is the stage's own row. */
export function instructionsOf({ index, instructions }: OutlineStage): OutlineStage['instructions'] {
  return index === undefined ? instructions : instructions.filter(({ keyword }) => keyword !== 'FROM');
}

/** True when a location takes in a line. */
export function isAt(location: SourceLocation, line: number): boolean {
  return line >= location.line && line <= location.endLine;
}

/** The empty place where a location begins. */
export function startOf(location: SourceLocation): SourceLocation {
  return { ...location, endLine: location.line, endColumn: location.column };
}
