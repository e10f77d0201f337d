import { describe, expect, test } from 'vitest';
import { debugExpand } from '../../../src-main/engine/dockerfile/debug-expand.ts';
import {
  expand,
  expandHeredoc,
  expandWord,
  expandWords,
} from '../../../src-main/engine/dockerfile/expand-word.ts';
import { hasGoldens, readGolden } from './goldens.ts';
import { thrown } from './thrown.ts';

const ENVIRONMENT = new Map([
  ['name', 'varve'],
  ['empty', ''],
  ['path', '/usr/lib/x.tar.gz'],
  ['space', ' a  b '],
  ['lines', 'one\ntwo'],
]);

describe('a word', () => {
  test.each([
    ['plain', 'plain'],
    ['$name', 'varve'],
    ['${name}s', 'varves'],
    ['$name$name', 'varvevarve'],
    ['$missing', ''],
    ["'$name'", '$name'],
    ['"$name"', 'varve'],
    ['\\$name', '$name'],
    ['"\\$name \\n \\" \\\\"', '$name \\n " \\'],
    ['a\\', 'a'],
    ['$', '$'],
    ['100$ or $.', '100$ or $.'],
    ['${missing:-x}${empty:-x}${name:-x}', 'xxvarve'],
    ['${missing-x}${empty-x}${name-x}', 'xvarve'],
    ['${missing:+x}${empty:+x}${name:+x}', 'x'],
    ['${missing+x}${empty+x}${name+x}', 'xx'],
    ['${missing:-${empty:-${name}}}', 'varve'],
    ['${missing:-"a}b"}', 'a}b'],
    ['${path#*/}', 'usr/lib/x.tar.gz'],
    ['${path##*/}', 'x.tar.gz'],
    ['${path%.*}', '/usr/lib/x.tar'],
    ['${path%%.*}', '/usr/lib/x'],
    ['${path/\\//-}', '-usr/lib/x.tar.gz'],
    ['${path//\\//-}', '-usr-lib-x.tar.gz'],
    ['${path//l?b/L}', '/usr/L/x.tar.gz'],
    ['${name//v/$empty}', 'are'],
    ['${lines#*e}', '\ntwo'],
    ['${lines##*o}', 'ne\ntwo'],
    ['$space', ' a  b '],
    ['\ufeff$name', 'varve'],
    ['${path%\\*}', '/usr/lib/x.tar.gz'],
  ])('%s becomes %j', (word, expected) => {
    expect(expandWord(word, ENVIRONMENT)).toBe(expected);
  });

  test.each([
    ['"open', 'a double quote is opened and never closed'],
    ["'open", 'a single quote is opened and never closed'],
    ['${name', "a '}' is missing"],
    ['${', "a '}' is missing"],
    ['${}', 'bad substitution: ${ must be followed by a name'],
    ['${name:0:2}', 'unsupported modifier (:0) in substitution'],
    ['${name^}', 'unsupported modifier (^) in substitution'],
    ['${name:-x', "a '}' is missing"],
    ['${name/x}', "a second '/' is missing in ${…/…/…}"],
    ['${missing?}', 'missing: is not allowed to be unset'],
    ['${empty:?}', 'empty: is not allowed to be empty'],
    ['${empty:?set $name}', 'empty: set varve'],
    ['${name#\\a}', 'invalid pattern \\a'],
  ])('%s is refused: %s', (word, reason) => {
    const error = thrown(() => expandWord(word, ENVIRONMENT));
    expect([error.code, error.message]).toEqual([
      'DOCKERFILE',
      `cannot expand ${JSON.stringify(word)}: ${reason}`,
    ]);
  });

  test('reads the pattern of an end backwards, the last backslash with it', () => {
    const variables = new Map([['v', 'a*']]);
    expect(expandWord('${v%*\\}', variables, { escape: '`' })).toBe('a');
  });

  test('takes the escape character that the Dockerfile names', () => {
    expect(expandWord('C:\\dir\\$name`$name', ENVIRONMENT, { escape: '`' })).toBe('C:\\dir\\varve$name');
  });

  test('tells which variables had a value and which had none', () => {
    const { used, unset } = expand('$name ${missing:-$other} ${empty+x}', ENVIRONMENT);
    expect([Array.from(used), Array.from(unset)]).toEqual([
      ['name', 'empty'],
      ['other', 'missing'],
    ]);
  });

  test('finds nothing that the environment does not have, whatever objects have', () => {
    expect(expandWord('[$constructor${__proto__}]', new Map())).toBe('[]');
  });

  test('leaves what has no value when asked to', () => {
    const word = '$a ${b} ${c:-d} ${e/f/g} $name';
    expect(expandWord(word, ENVIRONMENT, { keepUnset: true })).toBe('$a ${b} ${c:-d} ${e/f/g} varve');
  });

  test('does not get slow by nesting or by stars', () => {
    const deep = '${a:-'.repeat(50_000);
    const error = thrown(() => expandWord(deep, new Map()));
    expect(error.message).toBe(`cannot expand "${deep.slice(0, 120)}…": substitutions are nested too deeply`);
    const value = 'a'.repeat(2_000);
    const stars = `\${v#${'*a'.repeat(200)}b}`;
    expect(expandWord(stars, new Map([['v', value]]))).toBe(value);
  });
});

describe('a list of words', () => {
  test.each([
    ['a b', ['a', 'b']],
    ['  a\t b ', ['a', 'b']],
    ['$space', ['a', 'b']],
    ['x$space', ['x', 'a', 'b']],
    ['"$space"', [' a  b ']],
    ['a\\ b', ['a b']],
    ['"" x', ['x']],
    ['$missing', []],
    ['a b${missing:-c}d', ['a', 'cd']],
    ['<< EOF x', ['<< EOF', 'x']],
  ])('of %j is %j', (word, expected) => {
    expect(expandWords(word, ENVIRONMENT)).toEqual(expected);
  });
});

test('a here-document keeps its quotes and expands between them', () => {
  const content = 'a "$name" \'$name\' \\$name ${missing:-x}\n';
  expect(expandHeredoc(content, ENVIRONMENT).text).toBe('a "varve" \'varve\' $name x\n');
});

describe('varve debug expand', () => {
  test('answers every row, with an error where one is wrong', () => {
    const rows = [
      { input: 'a$x', env: { x: '1' } },
      { input: 'a`$x', env: { x: '1' }, escape: '`' },
      { input: '$x' },
      { input: '${', env: {} },
      { input: 1 },
    ];
    expect(debugExpand(rows)).toEqual([
      'a1',
      'a$x',
      '',
      { error: 'cannot expand "${": a \'}\' is missing' },
      { error: 'input and escape must be strings' },
    ]);
  });

  test('refuses what is no array of objects', () => {
    expect([thrown(() => debugExpand({})).code, thrown(() => debugExpand([1])).code]).toEqual([
      'INVALID_INPUT',
      'INVALID_INPUT',
    ]);
  });
});

interface WordRow {
  readonly input: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly escape?: string;
  readonly platform: string;
  readonly expected?: string;
}

test.runIf(hasGoldens)('words come out as BuildKit has them', () => {
  const rows = readGolden<WordRow[]>('words.json').filter((row) => row.platform !== 'windows');
  const answers = debugExpand(rows).map((answer) => (typeof answer === 'string' ? answer : undefined));
  expect(answers).toEqual(rows.map((row) => row.expected));
});

test.runIf(hasGoldens)('lists of words come out as BuildKit has them', () => {
  const rows =
    readGolden<{ input: string; env: Record<string, string>; expected: string[] }[]>('wordlists.json');
  const answers = rows.map((row) => expandWords(row.input, new Map(Object.entries(row.env))));
  expect(answers).toEqual(rows.map((row) => row.expected));
});
