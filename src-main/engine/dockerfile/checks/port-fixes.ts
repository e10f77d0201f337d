import type { Fix, SourceLocation } from '../../../contract/errors.ts';
import { replaceFix } from '../did-you-mean.ts';
import type { EvaluatedInstruction, ExpandedWord } from '../evaluate-stage.ts';

/** The ports of EXPOSE and where they are written: several of them may be one variable's. */
export function portsOf(
  words: readonly ExpandedWord[],
): readonly { readonly port: string; readonly location: SourceLocation }[] {
  return words.flatMap(({ words: ports, location }) => ports.map((port) => ({ port, location })));
}

/** The fix that writes a port in another way, where it is written outright and not in a variable. */
export function portFixes(
  { instruction, isTrigger }: EvaluatedInstruction,
  port: string,
  wanted: string,
): readonly Fix[] {
  if (instruction.kind !== 'expose' || isTrigger) return [];
  const written = instruction.ports.find(({ text }) => text === port);
  return written === undefined ? [] : [replaceFix(`Write ${wanted}`, written.location, wanted)];
}
