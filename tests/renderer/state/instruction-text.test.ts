import { expect, test } from 'vitest';
import { instructionText } from '../../../src-renderer/state/instruction-text.ts';

test.each([
  ['RUN /bin/sh -c make all # buildkit', 'RUN make all'],
  ['RUN |2 A=1 B= /bin/sh -c make # buildkit', 'RUN make'],
  ['RUN |1 GREETING=good morning /bin/sh -c make # buildkit', 'RUN make'],
  ['COPY . . # buildkit', 'COPY . .'],
  ['/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]'],
  ['/bin/sh -c apt-get update', 'RUN apt-get update'],
  ['WORKDIR /app', 'WORKDIR /app'],
])('%s is the instruction %s', (createdBy, instruction) => {
  expect(instructionText(createdBy)).toBe(instruction);
});
