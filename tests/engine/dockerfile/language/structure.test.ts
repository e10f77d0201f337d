import { describe, expect, test } from 'vitest';
import { folds } from '../../../../src-main/engine/dockerfile/language/folds.ts';
import { outline } from '../../../../src-main/engine/dockerfile/language/outline.ts';
import { neededForTarget } from '../../../../src-main/engine/dockerfile/language/stage-links.ts';
import { tokens } from '../../../../src-main/engine/dockerfile/language/tokens.ts';
import { readDockerfile } from '../../../../src-main/engine/dockerfile/read-dockerfile.ts';

const TEXT = `# syntax=docker/dockerfile:1
# About
# this file
ARG V=1

FROM a:$V AS build
RUN make && \\
    # in between
    make install
COPY <<EOF /x
one
EOF

FROM build AS tests
RUN make test
FROM scratch
COPY --from=build /out /
foo bar
`;

function outlineOf(text: string, target?: string): string[] {
  const reading = readDockerfile(text, 'f');
  const stages = outline(reading, neededForTarget(reading.dockerfile, target, new Map([['V', '1']])));
  return stages.map(({ index, name, base, location, selection, needed, instructions }) => {
    const lines = `${location.line}-${location.endLine} at ${selection.line}:${selection.column}`;
    const content = instructions.map(({ keyword, detail }) => `${keyword} ${detail}`).join('; ');
    return `${index ?? '-'} ${name ?? '-'} ${base ?? '-'} ${lines}${needed ? '' : ' unneeded'}: ${content}`;
  });
}

/** Each coloured run as `kind:text`, line by line. */
function colours(text: string): string[] {
  const lines = text.split('\n');
  const found = lines.map(() => [] as string[]);
  for (const { line, column, length, kind } of tokens(readDockerfile(text, 'f'))) {
    found[line - 1]?.push(`${kind}:${lines[line - 1]?.slice(column - 1, column - 1 + length)}`);
  }
  return found.map((runs) => runs.join(' '));
}

describe('the outline', () => {
  test('has the stages with their instructions, those that do not parse too', () => {
    expect(outlineOf(TEXT)).toEqual([
      '- - - 4-4 at 4:1: ARG V=1',
      '0 build a:$V 6-12 at 6:14: FROM a:$V AS build; RUN make && make install; COPY <<EOF /x',
      '1 tests build 14-15 at 14:15 unneeded: FROM build AS tests; RUN make test',
      '2 - scratch 16-18 at 16:1: FROM scratch; COPY --from=build /out /; FOO bar',
    ]);
  });

  test('knows what another target needs', () => {
    expect(outlineOf(TEXT, 'TESTS').map((line) => line.includes('unneeded'))).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  test('is empty for a text without instructions', () => {
    expect([outlineOf(''), outlineOf('# nothing\n')]).toEqual([[], []]);
  });
});

test('folds are stages, instructions, here-documents and comments of more than a line', () => {
  const reading = readDockerfile(TEXT, 'f');
  expect(folds(reading, outline(reading, new Set())).map((fold) => Object.values(fold).join(' '))).toEqual([
    '1 3 comment',
    '6 12 stage',
    '7 9 instruction',
    '10 12 heredoc',
    '14 15 stage',
    '16 18 stage',
  ]);
});

describe('colours', () => {
  test('tell the words of the language from the rest', () => {
    expect(colours(TEXT)).toEqual([
      'directive:# syntax=docker/dockerfile:1',
      'comment:# About',
      'comment:# this file',
      'keyword:ARG variable:V operator:= number:1',
      '',
      'keyword:FROM image:a: variable:$V keyword:AS stage:build',
      'keyword:RUN operator:&& operator:\\',
      'comment:# in between',
      '',
      'keyword:COPY heredoc:<<EOF',
      'heredoc:one',
      'heredoc:EOF',
      '',
      'keyword:FROM stage:build keyword:AS stage:tests',
      'keyword:RUN',
      'keyword:FROM image:scratch',
      'keyword:COPY flag:--from= stage:build',
      '',
      '',
    ]);
  });

  test.each([
    [
      'RUN echo "a $B" \'$C\' > x | y; z',
      'keyword:RUN string:"a  variable:$B string:" string:\'$C\' operator:> operator:| operator:;',
    ],
    ['CMD ["a", "b"]', 'keyword:CMD operator:[ string:"a" operator:, string:"b" operator:]'],
    [
      'HEALTHCHECK --interval=5s CMD curl -f x || exit 1',
      'keyword:HEALTHCHECK flag:--interval= string:5s keyword:CMD operator:||',
    ],
    ['EXPOSE 80/tcp $P', 'keyword:EXPOSE number:80 variable:$P'],
    [
      'ENV A="x ${B:-y}" C=2',
      'keyword:ENV variable:A operator:= string:"x  variable:${B:-y} string:" variable:C operator:= number:2',
    ],
    ['ENV A old form', 'keyword:ENV variable:A'],
    ['ONBUILD COPY --link a b', 'keyword:ONBUILD keyword:COPY flag:--link'],
    ['COPY --from=nginx --chown=a:b x y', 'keyword:COPY flag:--from= image:nginx flag:--chown= string:a:b'],
    [
      'RUN --mount=type=bind,from=z cat <<E\nE',
      'keyword:RUN flag:--mount= string:type=bind,from= image:z heredoc:<<E',
    ],
  ])('%s', (line, expected) => {
    expect(colours(`FROM s\n${line}`)[1]).toBe(expected);
  });
});
