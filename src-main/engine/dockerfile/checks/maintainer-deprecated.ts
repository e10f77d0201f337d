import { quoteString } from '../go-quote.ts';
import { replaceFix } from '../did-you-mean.ts';
import { defineCheck } from './check-context.ts';

export const maintainerDeprecated = defineCheck(
  'MaintainerDeprecated',
  'The label org.opencontainers.image.authors has taken the place of MAINTAINER.',
  function* ({ dockerfile }) {
    for (const instruction of dockerfile.instructions) {
      if (instruction.kind !== 'maintainer') continue;
      const { location, name } = instruction;
      const label = `LABEL org.opencontainers.image.authors=${quoteString(name.text)}`;
      const message = 'Maintainer instruction is deprecated in favor of using label';
      yield { message, location, fixes: [replaceFix('Write a label', location, label)] };
    }
  },
);
