import { defineCheck, eachInstruction } from './check-context.ts';

export const exposeProtoCasing = defineCheck(
  'ExposeProtoCasing',
  'The protocol in EXPOSE is written in lower case.',
  function* (context) {
    for (const { instruction, words } of eachInstruction(context)) {
      if (instruction.kind !== 'expose') continue;
      for (const port of words.flatMap((word) => word.words)) {
        const protocol = port.slice(port.indexOf('/') + 1);
        if (!port.includes('/') || protocol === protocol.toLowerCase()) continue;
        const message = `Defined protocol '${port}' in EXPOSE instruction should be lowercase`;
        yield { message, location: instruction.location };
      }
    }
  },
);
