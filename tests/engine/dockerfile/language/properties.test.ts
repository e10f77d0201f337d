import { assert, constantFrom, nat, oneof, property, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TextPosition } from '../../../../src-main/contract/dockerfiles-api.ts';
import { isEngineError } from '../../../../src-main/contract/errors.ts';
import type { SourceLocation } from '../../../../src-main/contract/errors.ts';
import { evaluateStage } from '../../../../src-main/engine/dockerfile/evaluate-stage.ts';
import type { EvaluatedStage } from '../../../../src-main/engine/dockerfile/evaluate-stage.ts';
import { applyEdits } from '../../../../src-main/engine/dockerfile/language/apply-edits.ts';
import { clampPosition } from '../../../../src-main/engine/dockerfile/language/clamp-position.ts';
import { folds } from '../../../../src-main/engine/dockerfile/language/folds.ts';
import { formatDockerfile } from '../../../../src-main/engine/dockerfile/language/format-dockerfile.ts';
import { outline } from '../../../../src-main/engine/dockerfile/language/outline.ts';
import { renameStage } from '../../../../src-main/engine/dockerfile/language/rename-stage.ts';
import { slotAt } from '../../../../src-main/engine/dockerfile/language/slot-at.ts';
import {
  baseStages,
  neededForTarget,
  stageFinder,
} from '../../../../src-main/engine/dockerfile/language/stage-links.ts';
import { stageMentions } from '../../../../src-main/engine/dockerfile/language/stage-mentions.ts';
import { subjectAt } from '../../../../src-main/engine/dockerfile/language/subject-at.ts';
import { symbolAt } from '../../../../src-main/engine/dockerfile/language/symbol-at.ts';
import { tokens } from '../../../../src-main/engine/dockerfile/language/tokens.ts';
import {
  globalVariables,
  stageVariables,
  valuesOf,
} from '../../../../src-main/engine/dockerfile/language/variables-in-scope.ts';
import { isWithin } from '../../../../src-main/engine/dockerfile/language/within.ts';
import { readDockerfile } from '../../../../src-main/engine/dockerfile/read-dockerfile.ts';
import { sourceReferences } from '../../../../src-main/engine/dockerfile/source-references.ts';
import { splitLines } from '../../../../src-main/engine/dockerfile/scan-lines.ts';
import { wildText } from '../wild-text.ts';
import { tameText } from './tame-text.ts';

const anyText = oneof(tameText, wildText);
const NOTHING = new Map<string, string>();

/** A text and a place between two of its characters; a carriage return is part of the line's end. */
const textAndPosition = tuple(anyText, nat(10_000)).map(([text, number]) => {
  const before = text.slice(0, number % (text.length + 1));
  const lines = before.split('\n');
  const position: TextPosition = { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
  return { text, position: clampPosition(splitLines(text), position) };
});

function expectInside(text: string, { line, column, endLine, endColumn }: SourceLocation): void {
  const lines = text.split('\n');
  expect(line).toBeGreaterThanOrEqual(1);
  expect(endLine).toBeLessThanOrEqual(lines.length);
  expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
  expect(endColumn).toBeLessThanOrEqual((lines[endLine - 1]?.length ?? 0) + 1);
  expect(line < endLine || (line === endLine && column <= endColumn)).toBe(true);
}

describe('whatever the text and wherever the position', () => {
  test('what is wanted, named and meant is inside the text, around the position', () => {
    assert(
      property(textAndPosition, ({ text, position }) => {
        const reading = readDockerfile(text, 'f');
        const slot = slotAt(reading, position);
        const subject = subjectAt(reading, position);
        const symbol = symbolAt(reading, position, NOTHING);
        for (const location of [slot?.replace, subject?.location, symbol?.location]) {
          if (location === undefined) continue;
          expectInside(text, location);
          expect(isWithin(position, location)).toBe(true);
        }
        for (const location of [...(symbol?.mentions ?? []), symbol?.definition]) {
          if (location !== undefined) expectInside(text, location);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('outline, folds and colours are inside the text; colours do not overlap', () => {
    assert(
      property(anyText, (text) => {
        const reading = readDockerfile(text, 'f');
        const stages = outline(reading, new Set());
        for (const { location, selection, instructions } of stages) {
          expectInside(text, location);
          expectInside(text, selection);
          for (const instruction of instructions) expectInside(text, instruction.location);
        }
        const count = text.split('\n').length;
        for (const { first, last } of folds(reading, stages)) {
          expect([1 <= first, first < last, last <= count]).toEqual([true, true, true]);
        }
        let end = { line: 0, column: 0 };
        for (const { line, column, length } of tokens(reading)) {
          expectInside(text, { file: 'f', line, column, endLine: line, endColumn: column + length });
          expect(line > end.line || column >= end.column).toBe(true);
          end = { line, column: column + length };
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('variables have the values that a build gives them', () => {
    const options = { buildArgs: new Map([['B', 'given']]), predefined: new Map([['A', 'p']]) };
    const image = { environment: new Map([['D', 'i']]), onbuild: ['ENV E=$D-fired', 'ARG F'] };
    assert(
      property(anyText, (text) => {
        const { dockerfile } = readDockerfile(text, 'f');
        const sources = { ...options, baseImage: () => image };
        const globals = valuesOf(globalVariables(dockerfile, sources));
        const bases = baseStages(dockerfile, globals);
        const done: EvaluatedStage[] = [];
        for (const stage of dockerfile.stages) {
          const base = done[bases[stage.index] ?? -1];
          const context = { dockerfile, globals, buildArgs: options.buildArgs };
          const built = evaluateStage(context, stage, base, base === undefined ? image : undefined);
          done.push(built);
          if (done.some(({ errors }) => errors.length > 0)) continue;
          const known = valuesOf(stageVariables(dockerfile, stage, sources, Infinity));
          const names = [...known.keys(), ...built.scope.names()].filter((name) => name !== 'PATH');
          const values = (get: (name: string) => string | undefined) =>
            names.map((name) => [name, get(name)]);
          expect(values((name) => known.get(name))).toEqual(values((name) => built.scope.get(name)));
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Which stage every FROM, COPY and mount means. */
function links(text: string): unknown {
  const { dockerfile } = readDockerfile(text, 'f');
  const find = stageFinder(dockerfile);
  return dockerfile.stages.map(({ index, instructions }) => [
    baseStages(dockerfile, NOTHING)[index],
    instructions.map((each) =>
      sourceReferences(each).map(({ from }) => find(each.kind, from)?.index ?? from),
    ),
  ]);
}

test('a stage under another name is connected as before, or is refused', () => {
  let renamed = 0;
  assert(
    property(
      tameText,
      nat(20),
      constantFrom('fresh', 'Fresh', 'a', 'b', 'busybox', '1x'),
      (text, pick, name) => {
        const reading = readDockerfile(text, 'f');
        const mentions = stageMentions(reading);
        const mention = mentions[pick % Math.max(mentions.length, 1)];
        if (mention === undefined) return;
        const { line, column } = mention.location;
        try {
          const edits = renameStage(text, reading, { position: { line, column }, name, globals: NOTHING });
          renamed += 1;
          const after = applyEdits(text, edits);
          expect(links(after)).toEqual(links(text));
          expect(readDockerfile(after, 'f').dockerfile.stages[mention.stage]?.name).toBe(name.toLowerCase());
        } catch (error) {
          if (!isEngineError(error, 'INVALID_INPUT') && !isEngineError(error, 'CONFLICT')) throw error;
        }
      },
    ),
    { numRuns: 2_000 },
  );
  expect(renamed).toBeGreaterThan(200);
});

describe('the work grows with the text', () => {
  /** What could be quadratic: many stages, references, lines, words, comments; one long line. */
  test.each<[string, (n: number) => string]>([
    [
      'stages on each other',
      (n) => Array.from({ length: n }, (_, i) => `FROM s${i} AS s${i + 1}\nENV a${i}=$b\n`).join(''),
    ],
    ['copies', (n) => `FROM a AS b\nFROM c\n${'COPY --from=b x y\n'.repeat(n)}`],
    ['variables', (n) => `FROM a\n${'ENV a=$a\n'.repeat(n)}`],
    [
      'one instruction of many lines',
      (n) => `FROM a\nENV ${Array.from({ length: n }, () => 'a=1').join(' \\\n')}`,
    ],
    ['many words', (n) => `FROM a\nCOPY ${'a '.repeat(n)} /b`],
    ['braces', (n) => `FROM a\nRUN ${'${a:-'.repeat(n)}`],
    ['a here-document', (n) => `FROM a\nCOPY <<E /x\n${'$x "y"\n'.repeat(n)}E\n`],
    ['comments and empty lines', (n) => `${'# c\n\n\n'.repeat(n)}FROM a`],
  ])('%s', (_, make) => {
    const text = make(5_000);
    const reading = readDockerfile(text, 'f');
    const lines = text.split('\n');
    const position = { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
    const stages = outline(reading, neededForTarget(reading.dockerfile, undefined, NOTHING));
    expect(folds(reading, stages).length).toBeLessThanOrEqual(reading.lines.length);
    expect(tokens(reading).length).toBeGreaterThan(0);
    slotAt(reading, position);
    subjectAt(reading, position);
    symbolAt(reading, { line: 2, column: 5 }, NOTHING);
    applyEdits(text, formatDockerfile(reading));
  });
});
