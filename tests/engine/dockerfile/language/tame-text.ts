import { array, constantFrom, nat, oneof, string, tuple } from 'fast-check';
import type { Arbitrary } from 'fast-check';

/** Spaces, and places where a line continues: with and without space around, over comments and empty lines. */
const gap = constantFrom(
  ...[' ', '  ', '\t', ' \\\n', '\\\n  ', ' \\ \n\t', ' \\\n# about \n    ', ' \\\n\n\n  ', '  \\\n \\\n '],
);
const end = constantFrom(
  ...['\n', ' \n', '\n\n', '\n  \n\n\n', '\r\n', '\t\r\n\r\n\r\n', '\n# note \n', '\n#\n  # b\n'],
);
const name = constantFrom('a', 'b', 'base', 'Build', 'x.y-1');
const word = oneof(
  constantFrom('a', '/b', '$A', '${A:-x}', '"c  d"', "'e'", 'f\\ g', '.', 'h#i', '*.ts', '-', '--', '"j'),
  constantFrom('\u00a0k', 'l\u00a0', 'é😀', '<<', '\\\\'),
  string({ minLength: 1, maxLength: 4 }).map((text) => text.replace(/["'\\`\s<]/g, 'z')),
);

/** One after the other, with space between. */
function spaced(part: Arbitrary<string>, least: number, most: number): Arbitrary<string> {
  return array(tuple(gap, part), { minLength: least, maxLength: most }).map((all) => all.flat().join(''));
}

function flags(...known: readonly string[]): Arbitrary<string> {
  return oneof({ weight: 2, arbitrary: constantFrom('') }, spaced(constantFrom(...known, '--'), 0, 2));
}

function statement(keywords: readonly string[], ...parts: readonly Arbitrary<string>[]): Arbitrary<string> {
  return tuple(constantFrom('', ' '), constantFrom(...keywords), ...parts, end).map((all) => all.join(''));
}

const pair = constantFrom('A=1', 'B="x  $A"', "C='y z'", 'D=e\\ f', 'E="g \\\n  h"', 'F=$A\\\nb');
const words = spaced(word, 1, 4);
const from = statement(
  ['FROM', 'from', 'From'],
  flags('--platform=linux/amd64', '--platform=$A'),
  spaced(oneof(name, constantFrom('scratch', 'busybox:1', '$A')), 1, 1),
  oneof(
    constantFrom(''),
    tuple(gap, constantFrom('AS', 'as', 'aS'), gap, name).map((all) => all.join('')),
  ),
);
const heredoc = tuple(
  constantFrom('RUN <<E\n', 'run  cat <<-E  >/x \n', 'COPY <<E  /x\n', 'copy <<"E" a  <<E /x/\nf  \nE\n'),
  array(constantFrom('  $A  ', '# no comment ', '', '', '\tFROM x \\', "it's"), { maxLength: 4 }),
  constantFrom('E\n', 'E\r\n', 'E\n\n\n'),
).map(([start, body, stop]) => `${[start + (body[0] ?? ''), ...body.slice(1)].join('\n')}\n${stop}`);

/** A line or more that is an instruction, most likely. */
const instruction = oneof(
  statement(
    ['RUN', 'run'],
    flags('--mount=type=bind,from=base,target=/x', '--network=none', '--mount=from=A'),
    words,
  ),
  statement(['CMD', 'Entrypoint', 'cmd'], words),
  statement(
    ['COPY', 'Copy'],
    flags('--from=base', '--FROM=a', '--from="build"', '--from=0', '--link'),
    words,
    words,
  ),
  statement(['ADD', 'add'], flags('--chown=a:b', '--chmod="7 7"', '--link=true'), words, words),
  statement(['EXPOSE', 'volume', 'WORKDIR', 'USER', 'STOPSIGNAL', 'maintainer'], words),
  statement(['ENV', 'label', 'Arg'], spaced(pair, 1, 3)),
  statement(['ENV', 'label'], spaced(name, 1, 1), words),
  statement(['ARG', 'arg'], spaced(name, 1, 2)),
  statement(
    ['HEALTHCHECK', 'healthcheck'],
    flags('--interval=5s'),
    spaced(constantFrom('CMD', 'cmd'), 1, 1),
    words,
  ),
  statement([
    'HEALTHCHECK NONE',
    'healthcheck  none',
    'ONBUILD\\\n run  x',
    'onbuild copy --from=base  a b',
    'onbuild ENV A=$D-x D=2',
  ]),
  statement(
    ['CMD', 'RUN', 'COPY', 'VOLUME', 'SHELL'],
    spaced(constantFrom('["a",  "b"]', '[ "x", \\\n "y z" ]'), 1, 1),
  ),
  heredoc,
);

/** Text that is a Dockerfile more often than not, laid out as nobody would. */
export const tameText: Arbitrary<string> = tuple(
  constantFrom('', '', '# escape=\\\n', '\n\n# escape=`\n', '# check=skip=all \n#  c\n', '\ufeff'),
  array(statement(['ARG', 'arg'], spaced(pair, 1, 2)), { maxLength: 1 }),
  array(
    tuple(from, array(instruction, { maxLength: 4 })).map(([first, rest]) => first + rest.join('')),
    { minLength: 1, maxLength: 3 },
  ),
  nat(3),
).map(([top, args, stages, cut]) => {
  const text = top + args.join('') + stages.join('');
  return cut === 0 ? text.trimEnd() : text;
});
