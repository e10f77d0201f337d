import type { EnvInstruction, LabelInstruction } from '../instruction.ts';
import { replaceFix } from '../did-you-mean.ts';
import { defineCheck, eachInstruction } from './check-context.ts';
import type { Finding } from './check-context.ts';

/** Only where nothing in the value can change its meaning in quotes. */
function toPairFixes({ pairs }: EnvInstruction | LabelInstruction): Finding['fixes'] {
  const [pair] = pairs;
  if (pair === undefined || /["'\\`$]/.test(pair.value)) return [];
  const value = /\s/.test(pair.value) ? `"${pair.value}"` : pair.value;
  return [replaceFix('Write name=value', pair.location, `${pair.key}=${value}`)];
}

export const legacyKeyValueFormat = defineCheck(
  'LegacyKeyValueFormat',
  'ENV and LABEL are written name=value; with white space between them they take one pair only.',
  function* (context) {
    for (const { instruction } of eachInstruction(context)) {
      if ((instruction.kind !== 'env' && instruction.kind !== 'label') || !instruction.legacy) continue;
      const name = instruction.keyword.text;
      yield {
        message: `"${name} key=value" should be used instead of legacy "${name} key value" format`,
        location: instruction.location,
        fixes: toPairFixes(instruction),
      };
    }
  },
);
