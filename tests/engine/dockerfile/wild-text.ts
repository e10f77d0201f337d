import { array, constantFrom, oneof, string } from 'fast-check';
import { INSTRUCTION_KINDS } from '../../../src-main/engine/dockerfile/parse-instruction.ts';

/** Pieces that a Dockerfile is made of, in any order: closer to the edges than random text. */
const piece = oneof(
  constantFrom(...INSTRUCTION_KINDS, 'FROM a\n', 'FROM a AS b\n', '# check=', '# escape=`\n', 'ONBUILD '),
  constantFrom(
    '\n',
    '\r\n',
    ' ',
    '\t',
    '\\\n',
    '`\n',
    '\\',
    '"',
    "'",
    '$',
    '${',
    '}',
    ':-',
    '<<E',
    '<<-"E"',
    'E\n',
  ),
  constantFrom(
    '["',
    '"]',
    '[',
    ']',
    ',',
    '=',
    '--from=',
    '--mount=',
    '--',
    '#',
    '\ufeff',
    'a',
    'b',
    '/',
    '!',
    '**',
  ),
  string({ unit: 'binary', maxLength: 4 }),
);
/** Text that is hardly ever a Dockerfile. */
export const wildText = array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
