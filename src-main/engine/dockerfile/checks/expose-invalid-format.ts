import { hasHostPart } from '../parse-expose.ts';
import { defineCheck, eachInstruction } from './check-context.ts';

export const exposeInvalidFormat = defineCheck(
  'ExposeInvalidFormat',
  'EXPOSE names ports of the container; addresses and ports of the host belong to docker run.',
  function* (context) {
    for (const { instruction, words } of eachInstruction(context)) {
      if (instruction.kind !== 'expose') continue;
      for (const port of words.flatMap((word) => word.words)) {
        if (!hasHostPart(port)) continue;
        const message = `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`;
        yield { message, location: instruction.location };
      }
    }
  },
);
