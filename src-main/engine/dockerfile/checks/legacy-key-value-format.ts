import type { Fix } from '../../../contract/errors.ts';
import type { EnvInstruction, KeyValue, LabelInstruction } from '../instruction.ts';
import { defineCheck, eachInstruction } from './check-context.ts';
import type { Fixing } from './fixing.ts';

/** True for text that stays together when words are split: what has spaces is in quotes or escaped. */
function isOneWord(value: string, escape: string): boolean {
  const e = `\\${escape}`;
  return new RegExp(`^(?:[^\\s"'${e}]|"(?:[^"${e}]|${e}.)*"|'[^']*'|${e}.)*$`, 's').test(value);
}

/** What goes around the value so that it stays one word of the same meaning; undefined where nothing does. */
function quotesFor(value: string, escape: string): string | undefined {
  if (isOneWord(value, escape)) return '';
  return /["'\\`]/.test(value) ? undefined : '"';
}

/** The value where it stands: only what is between it and the name changes, and quotes around it. */
function toPairFixes(
  { pairs, isTrigger }: { readonly pairs: readonly KeyValue[]; readonly isTrigger: boolean },
  fixing: Fixing,
): readonly Fix[] {
  const [pair] = pairs;
  if (pair === undefined || isTrigger) return [];
  const { key, value, location } = pair;
  const title = 'Write name=value';
  const quote = quotesFor(value, fixing.dockerfile.escape);
  if (quote === undefined) return [];
  const line = fixing.textOf(location.line);
  const keyEnd = location.column + key.length;
  const gap = /^[\t ]+(?=\S)/.exec(line.slice(keyEnd - 1))?.[0].length ?? 0;
  // Where the line ends after the name, there is nothing to put the sign in the place of.
  if (gap === 0 || line.slice(keyEnd - 1 + gap) === fixing.dockerfile.escape) return [];
  const sign = { ...location, column: keyEnd, endLine: location.line, endColumn: keyEnd + gap };
  const end = { ...location, line: location.endLine, column: location.endColumn };
  const edits = [{ location: sign, text: `=${quote}` }];
  return [{ title, edits: quote === '' ? edits : [...edits, { location: end, text: quote }] }];
}

export const legacyKeyValueFormat = defineCheck(
  'LegacyKeyValueFormat',
  'ENV and LABEL are written name=value; with white space between them they take one pair only.',
  function* (context) {
    for (const { instruction, isTrigger } of eachInstruction(context)) {
      if (!isLegacy(instruction)) continue;
      const name = instruction.keyword.text;
      yield {
        message: `"${name} key=value" should be used instead of legacy "${name} key value" format`,
        location: instruction.location,
        focus: instruction.pairs[0]?.location,
        fixes: toPairFixes({ pairs: instruction.pairs, isTrigger }, context.fixing),
      };
    }
  },
);

function isLegacy(instruction: { readonly kind: string }): instruction is EnvInstruction | LabelInstruction {
  return (
    (instruction.kind === 'env' || instruction.kind === 'label') &&
    (instruction as EnvInstruction | LabelInstruction).legacy
  );
}
