import { describe, expect, test } from 'vitest';
import type { BuildEvent, BuildStep } from '../../../src-main/contract/builds-api.ts';
import { BuildLog } from '../../../src-renderer/state/build-log.svelte.ts';

function step(id: string, instruction: string): BuildStep {
  const location = { file: 'Dockerfile', line: 1, column: 1, endLine: 1, endColumn: 9 };
  const keyword = instruction.split(' ')[0] ?? '';
  return { id, stage: 'web', position: 1, total: 2, instruction, keyword, location };
}

const AT = '2026-11-24T00:00:00Z';
const PLAN: BuildEvent = { type: 'plan', steps: [step('0.0', 'COPY . .'), step('0.1', 'RUN make')] };

function start(id: string): BuildEvent {
  return { type: 'step-start', step: id, at: AT };
}

function output(id: string, text: string): BuildEvent {
  return { type: 'step-output', step: id, stream: 'stdout', text };
}

function end(id: string, outcome: 'ran' | 'cached' | 'failed'): BuildEvent {
  return { type: 'step-end', step: id, at: AT, outcome, durationMs: 12 };
}

/** A log whose frames are drawn by hand. */
function heldLog(): { log: BuildLog; draw: () => void; frames: () => number } {
  const frames: (() => void)[] = [];
  const clock = { now: 0 };
  const log = new BuildLog(
    (frame) => frames.push(frame),
    () => clock.now,
  );
  return { log, draw: () => frames.splice(0).forEach((frame) => frame()), frames: () => frames.length };
}

describe('a build log', () => {
  test('changes once a frame, however much has come', () => {
    const { log, draw, frames } = heldLog();
    log.push(PLAN);
    log.push(start('0.1'));
    for (let line = 0; line < 5000; line++) log.push(output('0.1', `line ${line}\n`));
    expect([log.version, frames(), log.sections.length]).toEqual([0, 1, 0]);
    draw();
    expect([log.version, log.sections[1]?.output.count]).toEqual([1, 5000]);
  });

  test('leaves for the next frame what would hold one up', () => {
    const frames: (() => void)[] = [];
    let now = 0;
    const log = new BuildLog(
      (frame) => frames.push(frame),
      () => (now += 3),
    );
    log.push(PLAN);
    for (let line = 0; line < 9; line++) log.push(output('0.1', `line ${line}\n`));
    const shown: (number | undefined)[] = [];
    while (frames.length > 0) {
      frames.shift()?.();
      shown.push(log.sections[1]?.output.count);
    }
    expect(shown.length).toBeGreaterThan(2);
    expect(shown.at(-1)).toBe(9);
  });

  test('keeps every line', () => {
    const { log, draw } = heldLog();
    log.push(PLAN);
    log.push(output('0.1', Array.from({ length: 200_000 }, (_, i) => `line ${i}\n`).join('')));
    draw();
    expect(log.lineAt(1, 0)?.text).toBe('line 0');
    expect(log.lineAt(1, 199_999)?.text).toBe('line 199999');
  });

  test('tells how each instruction went', () => {
    const { log } = heldLog();
    for (const event of [PLAN, start('0.0'), end('0.0', 'cached'), start('0.1')]) log.push(event);
    log.flush();
    expect(log.sections.map(({ status, durationMs }) => [status, durationMs])).toEqual([
      ['cached', 12],
      ['running', undefined],
    ]);
    expect(log.counts).toEqual({ ended: 1, total: 2, cached: 1 });
  });

  test('says that a running step was cancelled when the build was', () => {
    const { log } = heldLog();
    for (const event of [PLAN, start('0.0')]) log.push(event);
    log.end('cancelled');
    expect(log.sections.map((section) => section.status)).toEqual(['cancelled', 'waiting']);
  });

  test('says how much of an output is written, until the build ends', () => {
    const { log } = heldLog();
    const amounts = { bytes: 1_000_000, totalBytes: 4_000_000, bytesPerSecond: 1_000_000 };
    const shown = () => [log.exporting, log.exportShare];
    log.push({ type: 'export', what: 'tar out.tar' });
    log.flush();
    expect(shown()).toEqual(['tar out.tar', undefined]);
    log.push({ type: 'export', what: 'tar out.tar', ...amounts });
    log.flush();
    expect(shown()).toEqual([expect.stringMatching(/^tar out\.tar · .+ of .+\/s · .+ left$/), 0.25]);
    log.end('ran');
    expect(shown()).toEqual([undefined, undefined]);
  });

  test('hides the output of a closed step and opens the one that failed', () => {
    const { log } = heldLog();
    for (const event of [PLAN, start('0.1'), output('0.1', 'a\nb\n')]) log.push(event);
    log.flush();
    log.setAllOpen(false);
    expect(log.sections.map((section) => log.rowsOf(section))).toEqual([1, 1]);
    log.push(end('0.1', 'failed'));
    log.flush();
    expect(log.sections.map((section) => log.rowsOf(section))).toEqual([1, 3]);
  });

  test('finds lines in closed steps too, ignoring case', () => {
    const { log } = heldLog();
    for (const event of [PLAN, output('0.0', 'nothing\n'), output('0.1', 'one\nERROR two\nan error\n')])
      log.push(event);
    log.flush();
    log.setAllOpen(false);
    expect(log.find('error')).toEqual([
      { section: 1, line: 1 },
      { section: 1, line: 2 },
    ]);
  });

  test('is copied as plain text', () => {
    const { log } = heldLog();
    for (const event of [PLAN, start('0.1'), output('0.1', '\u001b[31mred\u001b[0m\n'), end('0.1', 'ran')])
      log.push(event);
    log.flush();
    expect(log.asText()).toBe('[web 1/2] COPY . .  WAITING\n[web 1/2] RUN make  RAN\nred');
  });

  test('shows what had changed on rows of its own, before the output', () => {
    const { log } = heldLog();
    const changes = [
      { kind: 'file', name: 'a.c', before: '1', after: '2' },
      { kind: 'file', name: 'b.c', after: '3' },
    ] as const;
    log.push(PLAN);
    log.push(output('0.1', 'one line\n'));
    log.push({
      type: 'step-end',
      step: '0.1',
      at: AT,
      outcome: 'ran',
      durationMs: 1,
      reason: { kind: 'file', text: 'a.c changed and 1 more', changes: [...changes] },
    });
    log.flush();
    const rows = () => log.sections.map((section) => log.rowsOf(section));
    const before = rows();
    log.toggleReason(1);
    expect([before, rows(), log.changeAt(1, 1), log.changeAt(1, 2)]).toEqual([
      [1, 2],
      [1, 4],
      changes[1],
      undefined,
    ]);
  });
});
