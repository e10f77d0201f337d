import { expect, test } from 'vitest';
import type { BuildEvent } from '../../../src-main/contract/builds-api.ts';
import { createLiveProgress } from '../../../src-main/cli/progress/live-progress.ts';
import type { Output } from '../../../src-main/cli/output.ts';

const location = { file: 'Dockerfile', line: 1, column: 1, endLine: 1, endColumn: 2 };
const at = '2026-01-01T00:00:00Z';

/** A terminal of eighty columns that knows the cursor movements of the live display, as its lines. */
function createScreen(size = { columns: 80, rows: 24 }): {
  readonly out: Output;
  readonly lines: () => string[];
} {
  let lines: string[] = [''];
  const text = (chunk: string) => {
    for (const [piece] of chunk.matchAll(/\x1b\[\d*[AJK]|\x1b\[[\d;]*m|[^\x1b]+/g)) {
      const up = /^\x1b\[(\d*)A$/.exec(piece);
      if (up !== null) lines = [...lines.slice(0, lines.length - 1 - Number(up[1])), ''];
      else if (!piece.startsWith('\x1b'))
        lines = [...lines.slice(0, -1), ...`${lines.at(-1)}${piece}`.split('\n')];
    }
  };
  const out: Output = {
    isTty: true,
    canRedraw: true,
    hasColours: true,
    columns: () => size.columns,
    rows: () => size.rows,
    text,
    line: (line) => text(`${line}\n`),
    bytes: async () => {},
    flush: async () => {},
  };
  return { out, lines: () => lines.map((line) => line.trimEnd()) };
}

test('the live display keeps finished steps, and of a failed one its log', () => {
  const { out, lines } = createScreen();
  const progress = createLiveProgress(out, () => 0);
  const plan = ['COPY . .', 'RUN make'].map((instruction, index) => ({
    id: `0.${index}`,
    stage: '0',
    position: index + 1,
    total: 2,
    instruction,
    keyword: '',
    location,
  }));
  const events: BuildEvent[] = [
    { type: 'plan', steps: plan },
    { type: 'step-start', step: '0.0', at },
    { type: 'step-end', step: '0.0', at, outcome: 'cached', durationMs: 1 },
    { type: 'step-start', step: '0.1', at },
    { type: 'step-output', step: '0.1', stream: 'stdout', text: 'compiling\nbroken\n' },
    { type: 'step-end', step: '0.1', at, outcome: 'failed', durationMs: 400 },
  ];
  for (const event of events) progress.show(event);
  progress.end(true);
  expect(lines()).toEqual([
    ` ✔ [1/2] COPY . .${' '.repeat(45)}CACHED`,
    expect.stringMatching(/^ ✘ \[2\/2\] RUN make +0\.4s$/),
    '   | compiling',
    '   | broken',
    '',
  ]);
});

test('what runs is drawn side by side with its last lines, a bar for a transfer, and no wider or higher than the window', () => {
  const size = { columns: 60, rows: 9 };
  const { out, lines } = createScreen(size);
  const progress = createLiveProgress(out, () => 0);
  const steps = ['COPY . .', 'RUN make'].map((instruction, stage) => ({
    id: `${stage}.1`,
    stage: String(stage),
    position: 1,
    total: 1,
    instruction,
    keyword: '',
    location,
  }));
  progress.show({ type: 'plan', steps });
  for (const { id } of steps) progress.show({ type: 'step-start', step: id, at });
  const text = Array.from({ length: 20 }, (_, line) => `line ${line}\n`).join('');
  progress.show({ type: 'step-output', step: '1.1', stream: 'stdout', text });
  progress.show({
    type: 'step-progress',
    step: '0.1',
    what: 'copying',
    bytes: 50,
    totalBytes: 100,
    bytesPerSecond: 10,
  });
  // A step that ends is what draws without waiting for the clock.
  progress.show({ type: 'step-end', step: '0.0', at, outcome: 'cached', durationMs: 1 });
  const shown = lines();
  progress.end(false);
  expect(shown).toEqual([
    expect.stringMatching(/^ ✔ 0\.0 +CACHED$/),
    '[+] Building 0.0s (1/2)',
    expect.stringMatching(/^ > \[stage-0 1\/1\] COPY \. \. +0\.0s$/),
    '     copying [========>         ] 50B / 100B 10B/s 5s left',
    expect.stringMatching(/^ > \[stage-1 1\/1\] RUN make +0\.0s$/),
    '   | line 19',
    '',
  ]);
  expect(Math.max(...shown.map((line) => line.length))).toBeLessThan(60);
});

test('a base that is pulled shows its blobs that come or wait, and from where its tag has moved', () => {
  const { out, lines } = createScreen();
  const progress = createLiveProgress(out, () => 0);
  const [before, digest] = ['a', 'b'].map((digit) => `sha256:${digit.repeat(64)}` as const);
  const step = { id: '0.0', stage: '0', position: 1, total: 1, instruction: 'FROM app', keyword: 'FROM' };
  progress.show({ type: 'plan', steps: [{ ...step, location }] });
  progress.show({ type: 'step-start', step: '0.0', at });
  progress.show({ type: 'base', step: '0.0', name: 'app', digest: digest!, before: before! });
  const blob = (digit: string) => ({
    digest: `sha256:${digit.repeat(64)}` as const,
    bytes: 5,
    totalBytes: 10,
  });
  progress.show({
    type: 'step-progress',
    step: '0.0',
    what: 'pulling',
    bytes: 15,
    totalBytes: 30,
    layers: [
      { ...blob('1'), state: 'done' },
      { ...blob('2'), state: 'transferring' },
      { ...blob('3'), state: 'retrying', note: 'next try in 2 s' },
    ],
  });
  // A step that ends is what draws without waiting for the clock.
  progress.show({ type: 'step-end', step: '1.0', at, outcome: 'cached', durationMs: 1 });
  const shown = lines();
  progress.end(false);
  expect(shown).toEqual([
    ' ~ app moved sha256:aaaaaaaaaaaa -> sha256:bbbbbbbbbbbb',
    expect.stringMatching(/^ ✔ 1\.0 +CACHED$/),
    '[+] Building 0.0s (1/1)',
    expect.stringMatching(/^ > \[1\/1\] FROM app@sha256:bbbbbbbbbbbb +0\.0s$/),
    expect.stringMatching(/^ {5}pulling \[=+> +\] 15B \/ 30B$/),
    expect.stringMatching(/^ {7}222222222222 \[=+> +\] 5B \/ 10B$/),
    '       333333333333 next try in 2 s',
    '',
  ]);
});

test('an output that is written has a bar, and a mark when the next one follows or the build ends', () => {
  const { out, lines } = createScreen();
  const progress = createLiveProgress(out, () => 0);
  const whole = { totalBytes: 100, bytesPerSecond: 10 };
  progress.show({ type: 'export', what: 'tar a' });
  progress.show({ type: 'export', what: 'tar a', bytes: 100, ...whole });
  progress.show({ type: 'export', what: 'tar b' });
  progress.show({ type: 'export', what: 'tar b', bytes: 50, ...whole });
  progress.show({ type: 'step-end', step: '0.0', at, outcome: 'cached', durationMs: 1 });
  const shown = lines();
  progress.end(true);
  expect(shown).toEqual([
    ' ✔ tar a',
    expect.stringMatching(/^ ✔ 0\.0 +CACHED$/),
    '[+] Building 0.0s (1/1)',
    expect.stringMatching(/^ > tar b +0\.0s$/),
    '     writing [==============>               ] 50B / 100B 10B/s 5s left',
    '',
  ]);
  expect(lines()).toEqual([' ✔ tar a', shown[1], ' ✘ tar b', '']);
});

test('wide characters and tabs make no line wider than the window', () => {
  const { out, lines } = createScreen({ columns: 40, rows: 9 });
  const progress = createLiveProgress({ ...out, hasColours: false }, () => 0);
  const step = { id: '0.1', stage: '0', position: 1, total: 1, keyword: 'RUN', location };
  progress.show({ type: 'plan', steps: [{ ...step, instruction: `RUN echo ${'日本語'.repeat(20)}` }] });
  progress.show({ type: 'step-start', step: '0.1', at });
  progress.show({ type: 'step-output', step: '0.1', stream: 'stdout', text: `a\tb\n${'👍'.repeat(60)}\n` });
  // A step that ends is what draws without waiting for the clock.
  progress.show({ type: 'step-end', step: '0.0', at, outcome: 'cached', durationMs: 1 });
  const shown = lines();
  progress.end(false);
  expect(shown).toEqual([
    expect.stringMatching(/^ ✔ 0\.0 +CACHED$/),
    '[+] Building 0.0s (1/1)',
    ' > [1/1] RUN echo 日本語日本語日…  0.0s',
    '   | a  b',
    `   | ${'👍'.repeat(16)}…`,
    '',
  ]);
});

test('a long reason leaves half of a narrow window to the step', () => {
  const { out, lines } = createScreen({ columns: 41, rows: 9 });
  const progress = createLiveProgress({ ...out, hasColours: false }, () => 0);
  const step = { id: '0.1', stage: '0', position: 1, total: 1, keyword: 'RUN', location };
  progress.show({ type: 'plan', steps: [{ ...step, instruction: 'RUN make' }] });
  const reason = { kind: 'parent', text: 'COPY . . (line 5) gave another result' } as const;
  progress.show({ type: 'step-end', step: '0.1', at, outcome: 'ran', durationMs: 400, reason });
  progress.end(false);
  expect(lines()[0]).toBe(' ✔ [1/1] RUN make  0.4s (COPY . . (line…');
});
