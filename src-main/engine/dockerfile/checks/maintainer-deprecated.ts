import { replaceFix } from '../did-you-mean.ts';
import { quoteValue } from './quote-value.ts';
import { defineCheck } from './check-context.ts';

export const maintainerDeprecated = defineCheck(
  'MaintainerDeprecated',
  'The label org.opencontainers.image.authors has taken the place of MAINTAINER.',
  function* ({ dockerfile }) {
    for (const instruction of dockerfile.instructions) {
      if (instruction.kind !== 'maintainer') continue;
      const { location, name } = instruction;
      const keyword = instruction.keyword.text === instruction.keyword.text.toLowerCase() ? 'label' : 'LABEL';
      const label = `${keyword} org.opencontainers.image.authors=${quoteValue(name.text, dockerfile.escape)}`;
      const message = 'Maintainer instruction is deprecated in favor of using label';
      yield {
        message,
        location,
        focus: instruction.keyword.location,
        fixes: [replaceFix('Write a label', location, label)],
      };
    }
  },
);
