import { hasHostPart } from '../parse-expose.ts';
import { defineCheck, eachInstruction } from './check-context.ts';
import { portFixes, portsOf } from './port-fixes.ts';

export const exposeInvalidFormat = defineCheck(
  'ExposeInvalidFormat',
  'EXPOSE names ports of the container; addresses and ports of the host belong to docker run.',
  function* (context) {
    for (const evaluated of eachInstruction(context)) {
      const { instruction, words } = evaluated;
      if (instruction.kind !== 'expose') continue;
      for (const { port, location: focus } of portsOf(words)) {
        if (!hasHostPart(port)) continue;
        const message = `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`;
        const fixes = portFixes(evaluated, port, port.slice(port.lastIndexOf(':') + 1));
        yield { message, location: instruction.location, focus, fixes };
      }
    }
  },
);
