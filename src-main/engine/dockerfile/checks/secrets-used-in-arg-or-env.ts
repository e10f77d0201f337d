import type { SourceLocation } from '../../../contract/errors.ts';
import type { EvaluatedInstruction } from '../evaluate-stage.ts';
import { quoteString } from '../go-quote.ts';
import { isSensitiveName } from '../sensitive-name.ts';
import { defineCheck, eachInstruction } from './check-context.ts';

/** A name, at the start of what sets it. */
interface NameSet {
  readonly name: string;
  readonly location: SourceLocation;
}

/** The names that an ARG or ENV sets. */
function namesSet({ instruction, words }: EvaluatedInstruction): readonly NameSet[] {
  if (instruction.kind === 'arg') return instruction.args;
  if (instruction.kind !== 'env') return [];
  const keys = words.filter((_, i) => i % 2 === 0);
  return keys.map(({ text, location }) => ({ name: text, location }));
}

export const secretsUsedInArgOrEnv = defineCheck(
  'SecretsUsedInArgOrEnv',
  'Values of ARG and ENV stay readable in the image; RUN --mount=type=secret leaves nothing behind.',
  function* (context) {
    for (const evaluated of eachInstruction(context)) {
      const { kind, location } = evaluated.instruction;
      for (const { name, location: place } of namesSet(evaluated)) {
        if (!isSensitiveName(name)) continue;
        const what = `${kind.toUpperCase()} ${quoteString(name)}`;
        const message = `Do not use ARG or ENV instructions for sensitive data (${what})`;
        yield { message, location, focus: context.fixing.startOf(place, name) };
      }
    }
  },
);
