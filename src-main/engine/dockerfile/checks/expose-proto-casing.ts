import { defineCheck, eachInstruction } from './check-context.ts';
import { portFixes, portsOf } from './port-fixes.ts';

export const exposeProtoCasing = defineCheck(
  'ExposeProtoCasing',
  'The protocol in EXPOSE is written in lower case.',
  function* (context) {
    for (const evaluated of eachInstruction(context)) {
      const { instruction, words } = evaluated;
      if (instruction.kind !== 'expose') continue;
      for (const { port, location: focus } of portsOf(words)) {
        const protocol = port.slice(port.indexOf('/') + 1);
        if (!port.includes('/') || protocol === protocol.toLowerCase()) continue;
        const message = `Defined protocol '${port}' in EXPOSE instruction should be lowercase`;
        const fixes = portFixes(
          evaluated,
          port,
          port.slice(0, port.indexOf('/')) + `/${protocol.toLowerCase()}`,
        );
        yield { message, location: instruction.location, focus, fixes };
      }
    }
  },
);
