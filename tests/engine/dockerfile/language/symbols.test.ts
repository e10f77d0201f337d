import { describe, expect, test } from 'vitest';
import { isEngineError } from '../../../../src-main/contract/errors.ts';
import type { SourceLocation } from '../../../../src-main/contract/errors.ts';
import { applyEdits } from '../../../../src-main/engine/dockerfile/language/apply-edits.ts';
import { renameStage } from '../../../../src-main/engine/dockerfile/language/rename-stage.ts';
import { symbolAt } from '../../../../src-main/engine/dockerfile/language/symbol-at.ts';
import { readDockerfile } from '../../../../src-main/engine/dockerfile/read-dockerfile.ts';
import { atMark } from './at-mark.ts';

const PREDEFINED = new Map([['TARGETARCH', 'amd64']]);

const place = (location: SourceLocation | undefined): string | undefined =>
  location && `${location.line}:${location.column}-${location.endColumn}`;

/** The symbol at the mark: its kind and name, where it is defined, and every place that means it. */
function symbol(marked: string): unknown {
  const { text, position } = atMark(marked);
  const found = symbolAt(readDockerfile(text, 'Dockerfile'), position, PREDEFINED);
  if (found === undefined) return undefined;
  const { kind, name, definition, mentions, canRename } = found;
  return [`${kind} ${name}${canRename ? '' : ' (fixed)'}`, place(definition), mentions.map(place).join(' ')];
}

describe('a symbol', () => {
  test.each<[string, string, unknown]>([
    [
      'is a stage wherever it is named',
      'FROM a AS Bui|ld\nFROM build AS x\nCOPY --from=BUILD a b\nRUN --mount=type=bind,from=build y\nCOPY --from=0 c d',
      ['stage Build', '1:11-16', '1:11-16 2:6-11 3:13-18 4:28-33 5:13-14'],
    ],
    [
      'is a stage by its number',
      'FROM a AS b\nFROM c\nCOPY --from=|0 x y',
      ['stage b', '1:11-12', '1:11-12 3:13-14'],
    ],
    [
      'is a stage without a name',
      'FROM a\nFROM c\nCOPY --from=|0 x y',
      ['stage 0 (fixed)', '1:1-5', '1:1-5 3:13-14'],
    ],
    [
      'is the nearer of two stages with one name',
      'FROM a AS b\nFROM b AS b\nFROM |b',
      ['stage b', '2:11-12', '2:11-12 3:6-7'],
    ],
    ['is in quotes', 'FROM a AS b\nFROM c\nCOPY --from="|b" x y', ['stage b', '1:11-12', '1:11-12 3:14-15']],
    [
      'is a variable of its stage',
      'FROM a\nENV V=1\nRUN echo $|V ${V:-x}\nFROM c\nENV V=2',
      ['variable V (fixed)', '2:5-6', '2:5-6 3:11-12 3:15-16'],
    ],
    [
      'is a variable of the stages under it',
      'FROM a AS b\nENV V=1\nFROM b\nRUN $|V\nENV V=2',
      ['variable V (fixed)', '2:5-6', '2:5-6 4:6-7 5:5-6'],
    ],
    [
      'is a global argument and what takes its value',
      'ARG V=1\nFROM a:$V\nARG V\nRUN $|V\nFROM c\nARG V=2\nRUN $V',
      ['variable V (fixed)', '3:5-6', '1:5-6 2:9-10 3:5-6 4:6-7'],
    ],
    [
      'is an automatic argument',
      'FROM a\nARG |TARGETARCH',
      ['variable TARGETARCH (fixed)', '2:5-15', '2:5-15'],
    ],
    [
      'is in the content of a here-document',
      'FROM a\nENV V=1\nCOPY <<E /x\n\n x $|V\nE\n',
      ['variable V (fixed)', '2:5-6', '2:5-6 5:5-6'],
    ],
    [
      'is over lines that continue',
      'FROM a\nENV U=1 \\\n    V=$|U',
      ['variable U (fixed)', '2:5-6', '2:5-6 3:8-9'],
    ],
    ['is not what single quotes hold', "FROM a\nRUN echo '$|V'", undefined],
    ['is not what is escaped', 'FROM a\nENV A=\\$|V', undefined],
    ['is not what only the shell knows', 'FROM a\nRUN echo $|1 $$', undefined],
    ['is not an image', 'FROM a|\nCOPY --from=c d e', undefined],
  ])('%s', (_, marked, expected) => {
    expect(symbol(marked)).toEqual(expected);
  });
});

/** The text after the stage at the mark has another name, or why it cannot have it. */
function rename(marked: string, name: string): string {
  const { text, position } = atMark(marked);
  try {
    const edits = renameStage(text, readDockerfile(text, 'f'), {
      position,
      name,
      globals: new Map([['V', 'b']]),
    });
    return applyEdits(text, edits);
  } catch (error) {
    if (isEngineError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
}

describe('another name for a stage', () => {
  test('goes wherever the old one is, in lower case after FROM', () => {
    const before = 'FROM a AS b|\nFROM b\nCOPY --from=B x y\nRUN --mount=from=b z\nCOPY --from=0 x y';
    const after = 'FROM a AS New\nFROM new\nCOPY --from=New x y\nRUN --mount=from=New z\nCOPY --from=0 x y';
    expect(rename(before, 'New')).toBe(after);
  });

  test.each([
    ['FROM a AS b|', '1b', 'INVALID_INPUT: "1b" cannot be the name of a stage'],
    ['FROM a AS b|', 'x y', 'INVALID_INPUT: "x y" cannot be the name of a stage'],
    ['FROM a AS b|', 'scratch', 'INVALID_INPUT: scratch is a reserved name'],
    ['FROM a| AS b', 'c', 'INVALID_INPUT: there is no stage at this place'],
    ['FROM a\nFROM c\nCOPY --from=|0 x y', 'd', 'INVALID_INPUT: stage 0 has no name'],
    ['FROM a AS b|\nFROM a AS C', 'c', 'CONFLICT: there is a stage c already'],
    ['FROM a AS b|\nFROM c', 'c', 'CONFLICT: as c the stage would be another one’s base or source'],
    ['FROM a AS b|\nFROM $V', 'd', 'CONFLICT: as d the stage would be another one’s base or source'],
  ])('is refused: %j as %j', (marked, name, error) => {
    expect(rename(marked, name).replaceAll("'", '’')).toBe(error);
  });

  test('may differ in case alone', () => {
    expect(rename('FROM a AS b|\nFROM b', 'B')).toBe('FROM a AS B\nFROM b');
  });
});
