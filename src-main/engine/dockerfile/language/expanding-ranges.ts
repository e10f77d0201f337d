import { isJsonArray } from '../json-array.ts';
import type { InstructionKind } from '../instruction.ts';
import type { StatementPart } from './statement-parts.ts';
import type { TextRange } from './text-range.ts';

/** A run of text in which `$NAME` means a variable. */
export interface ExpandingRange extends TextRange {
  /** Expanded by the build itself, or by the shell of the container. */
  readonly by: 'build' | 'shell';
}

const KEEPS: readonly string[] = ['shell', 'maintainer', 'onbuild'] satisfies InstructionKind[];
const RUNS: readonly string[] = ['run', 'cmd', 'entrypoint', 'healthcheck'] satisfies InstructionKind[];

/** Where a statement's flags and arguments name variables. The JSON form of a command names none. */
export function expandingRanges(part: StatementPart): readonly ExpandingRange[] {
  if (KEEPS.includes(part.name)) return [];
  const flags = part.flags.flatMap(({ value }) =>
    value === undefined ? [] : [{ ...value, by: 'build' as const }],
  );
  const runs = RUNS.includes(part.name);
  if (runs && isJsonArray({ source: part.source, ...part.args })) return flags;
  return [...flags, { ...part.args, by: runs ? 'shell' : 'build' }];
}
