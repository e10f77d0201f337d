import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../src-main/contract/builds-api.ts';
import { DockerfileDocument } from '../../../src-renderer/state/dockerfile-document.svelte.ts';
import { fixesAt } from '../../../src-renderer/state/offered-fixes.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { location } from '../support/location.ts';

function edit(line: number, column: number, endColumn: number, text: string) {
  return { location: location(line, column, endColumn), text };
}

function casing(line: number): Diagnostic {
  return {
    severity: 'warning',
    rule: 'ConsistentInstructionCasing',
    message: 'casing',
    location: location(line, 1, 4),
    instructionLine: line,
    fixes: [{ title: 'Write RUN', edits: [edit(line, 1, 4, 'RUN')] }],
  };
}

const TWO_WAYS: Diagnostic = {
  severity: 'warning',
  rule: 'JSONArgsRecommended',
  message: 'json',
  location: location(4, 1, 4),
  instructionLine: 4,
  fixes: [
    { title: 'Write it as JSON', edits: [edit(4, 5, 6, '["x"]')] },
    { title: 'Keep the shell', edits: [edit(4, 5, 6, '["sh", "-c", "x"]')] },
  ],
};

async function checked(diagnostics: Diagnostic[]): Promise<DockerfileDocument> {
  const check = () => Promise.resolve({ diagnostics, stages: [], buildArgs: [] });
  const document = new DockerfileDocument(fakeEngine({ builds: { check } }).api, '/p', 'Dockerfile');
  await document.check();
  return document;
}

describe('the fixes that are offered', () => {
  test('are those of the problem, the likeliest first', async () => {
    const document = await checked([TWO_WAYS]);
    expect(fixesAt(document, [TWO_WAYS])).toEqual(TWO_WAYS.fixes);
  });

  test('are followed by one for all of the same rule', async () => {
    const [first, second] = [casing(2), casing(3)];
    const document = await checked([second, TWO_WAYS, first]);
    expect(fixesAt(document, [second])).toEqual([
      { title: 'Write RUN', edits: [edit(3, 1, 4, 'RUN')] },
      {
        title: 'Fix all 2 of ConsistentInstructionCasing',
        edits: [edit(2, 1, 4, 'RUN'), edit(3, 1, 4, 'RUN')],
      },
    ]);
  });

  test('for all leave out an edit that another one touches', async () => {
    const [first, second] = [casing(2), casing(2)];
    const document = await checked([first, second]);
    expect(fixesAt(document, [first]).at(-1)?.edits).toEqual([edit(2, 1, 4, 'RUN')]);
  });

  test('are none once the text is another', async () => {
    const document = await checked([TWO_WAYS]);
    document.setText('# new\n');
    expect(fixesAt(document, [TWO_WAYS])).toEqual([]);
    document.close();
  });
});
