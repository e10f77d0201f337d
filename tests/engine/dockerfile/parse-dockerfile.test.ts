import { describe, expect, test } from 'vitest';
import type { Dockerfile } from '../../../src-main/engine/dockerfile/dockerfile.ts';
import { heredocContent } from '../../../src-main/engine/dockerfile/heredoc.ts';
import type { Instruction, InstructionKind } from '../../../src-main/engine/dockerfile/instruction.ts';
import { parseDockerfile } from '../../../src-main/engine/dockerfile/parse-dockerfile.ts';
import { readDockerfile } from '../../../src-main/engine/dockerfile/read-dockerfile.ts';
import { thrown } from './thrown.ts';

function parse(text: string): Dockerfile {
  return parseDockerfile(text, { file: 'Dockerfile' });
}

/** The one instruction after `FROM scratch`. */
function parseOne<K extends InstructionKind>(kind: K, line: string): Extract<Instruction, { kind: K }> {
  const instruction = parse(`FROM scratch\n${line}`).instructions[1];
  if (instruction?.kind !== kind) throw new Error(`${line} is no ${kind}`);
  return instruction as Extract<Instruction, { kind: K }>;
}

function texts(words: readonly { readonly text: string }[]): readonly string[] {
  return words.map((word) => word.text);
}

/** `line:column-line:column` */
function place(location: { line: number; column: number; endLine: number; endColumn: number }): string {
  return `${location.line}:${location.column}-${location.endLine}:${location.endColumn}`;
}

describe('a Dockerfile', () => {
  test('is global arguments and stages', () => {
    const dockerfile = parse('ARG A=1\nFROM scratch AS Base\nARG B\nRUN x\nFROM base\nCMD ["y"]\n');
    expect({
      globals: dockerfile.globalArgs.flatMap((arg) => arg.args.map(({ name, value }) => [name, value])),
      stages: dockerfile.stages.map(({ index, name, from, instructions }) => [
        index,
        name,
        from.image.text,
        instructions.map((instruction) => instruction.kind),
      ]),
      kinds: dockerfile.instructions.map((instruction) => instruction.kind),
    }).toEqual({
      globals: [['A', '1']],
      stages: [
        [0, 'base', 'scratch', ['arg', 'run']],
        [1, undefined, 'base', ['cmd']],
      ],
      kinds: ['arg', 'from', 'arg', 'run', 'from', 'cmd'],
    });
  });

  test('may start with a byte order mark and end its lines as Windows does', () => {
    const dockerfile = parse('\ufeff# escape=`\r\nFROM scratch\r\nRUN a `\r\n b\r\n');
    const [, run] = dockerfile.instructions;
    expect([dockerfile.escape, run?.original, run && place(run.location)]).toEqual([
      '`',
      'RUN a  b',
      '3:1-4:3',
    ]);
  });

  test('knows where every word stands, across continuations and comments', () => {
    const text = 'FROM scratch\n  COPY --chown=1:2 \\\n# comment\n\n\ta.txt \\\n  "b" /c\n';
    const copy = parse(text).instructions[1];
    if (copy?.kind !== 'copy') throw new Error('no COPY');
    expect({
      whole: place(copy.location),
      keyword: place(copy.keyword.location),
      flag: place(copy.flags[0]?.location ?? copy.location),
      sources: copy.sources.map((source) => place(source.location)),
      destination: place(copy.destination.location),
      empty: copy.emptyContinuations.map(place),
      original: copy.original,
      lastLine: copy.lastLine,
    }).toEqual({
      whole: '2:3-6:9',
      keyword: '2:3-2:7',
      flag: '2:8-2:19',
      sources: ['5:2-5:7', '6:3-6:6'],
      destination: '6:7-6:9',
      empty: ['4:1-4:1'],
      original: 'COPY --chown=1:2 \ta.txt   "b" /c',
      lastLine: 6,
    });
  });

  test('continues no line that ends in two escape characters, nor the last one', () => {
    expect(
      texts(parse('FROM scratch\nRUN a\\\\\nRUN b \\').instructions.map((i) => ({ text: i.original }))),
    ).toEqual(['FROM scratch', 'RUN a\\\\', 'RUN b ']);
  });

  test('keeps the comments above an instruction until an empty comment', () => {
    const text = '# syntax=x\n# one\n#\n# two\n\n# three\nFROM scratch\n# four\nRUN x\n';
    expect(parse(text).instructions.map((instruction) => instruction.comments)).toEqual([
      ['two', 'three'],
      ['four'],
    ]);
  });
});

describe('parser directives', () => {
  test('are read from the top, in any case, with any white space', () => {
    const { directives, escape } = parse(
      '# syntax = docker/dockerfile:1\n#\tESCAPE=`\n#check=skip=all\nFROM scratch',
    );
    expect([directives.map(({ name, value }) => [name, value]), escape]).toEqual([
      [
        ['syntax', 'docker/dockerfile:1'],
        ['escape', '`'],
        ['check', 'skip=all'],
      ],
      '`',
    ]);
  });

  test.each([
    '# comment\n# escape=`\nFROM scratch',
    '\n# escape=`\nFROM scratch',
    '# unknown=x\n# escape=`\nFROM a',
  ])('are comments after anything else: %j', (text) => {
    expect(parse(text)).toMatchObject({ directives: [], escape: '\\' });
  });
});

describe('instructions', () => {
  test('FROM has an image, a platform and a name', () => {
    const from = parse('from --platform=$BUILDPLATFORM busybox:1 As Some-Name_1.x').stages[0]?.from;
    expect([from?.image.text, from?.platform, from?.stageName, from?.as?.name.text]).toEqual([
      'busybox:1',
      '$BUILDPLATFORM',
      'some-name_1.x',
      'Some-Name_1.x',
    ]);
  });

  test.each([
    ['RUN  a  b ', { form: 'shell', text: 'a  b' }],
    ['RUN ["a", "b c"]', { form: 'exec', args: ['a', 'b c'] }],
    ["RUN ['a']", { form: 'shell', text: "['a']" }],
    ['RUN ["a"] b', { form: 'shell', text: '["a"] b' }],
    ['RUN', { form: 'shell', text: '' }],
  ])('%j is a command line', (line, command) => {
    expect(parseOne('run', line).command).toMatchObject(command);
  });

  test('RUN has mounts, a network, a security mode and devices', () => {
    const run = parseOne(
      'run',
      'RUN --mount=type=cache,\\"target=/a,b\\" --mount=target=/$x,RO --network=none --security=insecure --device=gpu -- --x',
    );
    expect(run).toMatchObject({
      mounts: [
        {
          fields: [
            { key: 'type', value: 'cache' },
            { key: 'target', value: '/a,b' },
          ],
        },
        {
          fields: [
            { key: 'target', value: '/$x' },
            { key: 'ro', value: undefined, text: 'RO' },
          ],
        },
      ],
      network: 'none',
      security: 'insecure',
      devices: ['gpu'],
      command: { text: '--x' },
    });
  });

  test('COPY takes paths, JSON and here-documents', () => {
    const copy = parseOne(
      'copy',
      'COPY --from=b --link --parents --exclude=*.a --exclude=b --chmod=u+x a <<E "c" /d/\nx\nE',
    );
    expect({
      ...copy,
      sources: copy.sources.map((source) => (source.type === 'path' ? source.text : source.heredoc.content)),
      destination: copy.destination.text,
      from: copy.from?.text,
    }).toMatchObject({
      sources: ['a', 'x\n', '"c"'],
      destination: '/d/',
      form: 'shell',
      from: 'b',
      link: true,
      parents: true,
      excludes: ['*.a', 'b'],
      chmod: 'u+x',
      chown: undefined,
    });
    expect(parseOne('copy', 'COPY ["a b", "c"]')).toMatchObject({ form: 'json', sources: [{ text: 'a b' }] });
  });

  test('ADD has flags of its own', () => {
    const add = parseOne(
      'add',
      'ADD --checksum=sha256:0 --keep-git-dir --unpack=false --link=TRUE https://x/y /z',
    );
    expect(add).toMatchObject({ checksum: 'sha256:0', keepGitDir: true, unpack: false, link: true });
    expect(parseOne('add', 'ADD a b')).toMatchObject({
      keepGitDir: undefined,
      unpack: undefined,
      link: false,
    });
  });

  test.each([
    [
      'ENV a=b "c d"=\'e f\' g=h\\ i',
      [
        ['a', 'b'],
        ['"c d"', "'e f'"],
        ['g', 'h\\ i'],
      ],
      false,
    ],
    ['ENV a  b = c ', [['a', 'b = c']], true],
    ['ENV a=', [['a', '']], false],
  ])('%j is names and values', (line, pairs, legacy) => {
    const env = parseOne('env', line);
    expect([env.pairs.map(({ key, value }) => [key, value]), env.legacy]).toEqual([pairs, legacy]);
  });

  test('ARG declares with and without a default', () => {
    const { args } = parseOne('arg', 'ARG a b= c="d e"');
    expect(args.map(({ name, value }) => [name, value])).toEqual([
      ['a', undefined],
      ['b', ''],
      ['c', '"d e"'],
    ]);
  });

  test('HEALTHCHECK has a test, times in nanoseconds and retries', () => {
    const line =
      'HEALTHCHECK --interval=1m30s --timeout=500ms --start-period=0 --start-interval=1.5s --retries=3 cmd x y';
    expect(parseOne('healthcheck', line).healthcheck).toEqual({
      test: ['CMD-SHELL', 'x y'],
      intervalNs: 90_000_000_000n,
      timeoutNs: 500_000_000n,
      startPeriodNs: 0n,
      startIntervalNs: 1_500_000_000n,
      retries: 3,
    });
    expect(parseOne('healthcheck', 'HEALTHCHECK CMD ["x"]').healthcheck.test).toEqual(['CMD', 'x']);
    expect(parseOne('healthcheck', 'HEALTHCHECK none').healthcheck.test).toEqual(['NONE']);
  });

  test('ONBUILD keeps its trigger, with here-documents, and asks only what BuildKit asks', () => {
    const line = 'onbuild   COPY <<E \\\n  /x\n$a\nE\n';
    expect(parseOne('onbuild', line)).toMatchObject({
      trigger: 'COPY <<E   /x\n$a\nE',
      triggerKeyword: 'copy',
    });
    expect(parseOne('onbuild', 'ONBUILD NONSENSE --x')).toMatchObject({ triggerKeyword: 'nonsense' });
  });

  test('the others have a word or a list of words', () => {
    expect(texts(parseOne('expose', 'EXPOSE 80 53/udp').ports)).toEqual(['80', '53/udp']);
    expect(texts(parseOne('volume', 'VOLUME ["/a b"]').paths)).toEqual(['/a b']);
    expect(texts(parseOne('volume', 'VOLUME /a /b').paths)).toEqual(['/a', '/b']);
    expect(parseOne('user', 'USER a b').user.text).toBe('a b');
    expect(parseOne('workdir', 'WORKDIR /a b').path.text).toBe('/a b');
    expect(parseOne('shell', 'SHELL ["a", "-c"]').shell).toEqual(['a', '-c']);
    expect(parseOne('stopsignal', 'STOPSIGNAL 9').signal.text).toBe('9');
    expect(parseOne('maintainer', 'MAINTAINER A <a@b>').name.text).toBe('A <a@b>');
  });
});

describe('a here-document', () => {
  test('may have white space before its name', () => {
    expect(parse('FROM scratch\nRUN cat << E\nx\nE\n').instructions[1]?.heredocs).toMatchObject([
      { name: 'E', content: 'x\n' },
    ]);
  });

  test('is every line up to its name alone', () => {
    const run = parseOne('run', 'RUN <<EOF cat > /x\n a\n EOF\nEOF \nEOF');
    expect(run.heredocs).toMatchObject([
      { name: 'EOF', expand: true, chomp: false, content: ' a\n EOF\nEOF \n' },
    ]);
    expect(place(run.location)).toBe('2:1-6:4');
  });

  test('may be indented by tabs after <<-', () => {
    const [heredoc] = parseOne('run', 'RUN <<-E\n\t\ta\n\t b\n\tE').heredocs;
    expect(heredoc && [heredoc.content, heredocContent(heredoc)]).toEqual(['\t\ta\n\t b\n', 'a\n b\n']);
  });

  test.each([
    ['<<E', true],
    ['<<"E"', false],
    ["<<'E'", false],
    ['3<<E', true],
  ])('%s: its content expands: %s', (start, expands) => {
    expect(parseOne('run', `RUN ${start} x\nE`).heredocs).toMatchObject([{ name: 'E', expand: expands }]);
  });

  test('follows another in order', () => {
    const run = parseOne('run', 'RUN a <<A b <<B\n1\nA\n2\nB');
    expect(run.heredocs.map(({ name, content }) => [name, content])).toEqual([
      ['A', '1\n'],
      ['B', '2\n'],
    ]);
  });

  test('is none in quotes, in JSON, in an instruction that takes none, or of a here-string', () => {
    const lines = ['RUN echo "<<E"', 'RUN ["<<E"]', 'CMD <<E', 'RUN cat <<<E', 'RUN echo $((1<<2))'];
    expect(lines.map((line) => parse(`FROM scratch\n${line}\n`).instructions[1]?.heredocs)).toEqual(
      lines.map(() => []),
    );
  });
});

describe('a mistake', () => {
  test.each([
    ['FORM scratch', '1:1-1:5', 'unknown instruction: FORM', 'Did you mean FROM?'],
    ['', '1:1-1:1', 'the file has no instructions', 'Start with FROM and an image, or FROM scratch.'],
    ['ARG a', '1:1-1:1', 'the file has no build stage', 'Start with FROM and an image, or FROM scratch.'],
    [
      'RUN x\nFROM a',
      '1:1-1:4',
      'no build stage yet: RUN stands before the first FROM',
      'Only ARG may stand before the first FROM.',
    ],
    [
      'FROM',
      '1:1-1:5',
      'FROM requires either one or three arguments',
      'Write FROM image, or FROM image AS name.',
    ],
    [
      'FROM a AS',
      '1:8-1:10',
      'FROM requires either one or three arguments: AS is one too many',
      'Write FROM image, or FROM image AS name.',
    ],
    [
      'FROM a AS b c',
      '1:13-1:14',
      'FROM requires either one or three arguments: c is one too many',
      'Write FROM image, or FROM image AS name.',
    ],
    [
      'FROM a AS 1b',
      '1:11-1:13',
      'invalid name for a build stage: 1b',
      'A name starts with a letter; letters, digits, "-", "_" and "." may follow.',
    ],
    ['FROM a\nCOPY --form=b c d', '2:6-2:12', 'unknown flag for COPY: --form', 'Did you mean --from?'],
    ['FROM a\nCMD --x y', '2:5-2:8', 'unknown flag for CMD: --x', 'CMD takes no flags.'],
    ['FROM a\nCOPY --chown=1 --chown=2 a b', '2:16-2:25', 'duplicate flag --chown', 'Keep one of the two.'],
    ['FROM a\nCOPY --chown a b', '2:6-2:13', 'flag --chown is missing a value', 'Write --chown=…'],
    [
      'FROM a\nCOPY --link=maybe a b',
      '2:13-2:18',
      'flag --link is either true or false, not maybe',
      'Write --link or leave it out.',
    ],
    [
      'FROM a\nCOPY a',
      '2:6-2:7',
      'COPY requires at least two arguments: a source and a destination',
      'Write COPY source… destination.',
    ],
    [
      'FROM a\nCOPY a <<E\nE',
      '2:8-2:11',
      'COPY cannot take a here-document as its destination',
      'Put the path after the here-document.',
    ],
    [
      'FROM a\nCOPY --from=$b c d',
      '2:13-2:15',
      'variable expansion is not supported for --from',
      'Define a stage with FROM and a global ARG, and name that stage here.',
    ],
    ['FROM a\nENV x', '2:5-2:6', 'ENV must have two arguments', 'Write ENV x=value.'],
    [
      'FROM a\nENV x=1 y',
      '2:9-2:10',
      'cannot find = in y: it must be name=value',
      'After the first name=value of ENV all others are of that form; quote a value with spaces.',
    ],
    ['FROM a\nLABEL =x', '2:7-2:9', 'LABEL names cannot be blank', 'Write LABEL name=value.'],
    ['FROM a\nARG =x', '2:5-2:7', 'ARG names cannot be blank', 'Write ARG name=default.'],
    ['FROM a\nRUN [1]', '2:6-2:7', 'the JSON form takes strings only', 'Put every element in double quotes.'],
    [
      'FROM a\nRUN --mount= x',
      '2:5-2:13',
      'cannot read the fields of --mount=',
      'Write --mount=type=cache,target=/path.',
    ],
    ['FROM a\nRUN --network=nome x', '2:15-2:19', 'invalid network mode nome', 'Did you mean none?'],
    [
      'FROM a\nRUN <<E\nx',
      '2:5-2:8',
      'the here-document E is never ended',
      'Add a line with nothing but E, not indented, after the content.',
    ],
    [
      'FROM a\nSHELL x',
      '2:7-2:8',
      'SHELL requires the arguments to be in JSON form',
      'Write SHELL ["/bin/sh", "-c"].',
    ],
    ['FROM a\nVOLUME [""]', '2:9-2:11', 'VOLUME cannot be an empty path', 'Write VOLUME /path.'],
    [
      'FROM a\nHEALTHCHECK NONE x',
      '2:18-2:19',
      'HEALTHCHECK NONE takes no arguments',
      'Remove what follows NONE.',
    ],
    [
      'FROM a\nHEALTHCHECK --interval=1us CMD x',
      '2:24-2:27',
      '--interval cannot be less than 1ms',
      'Leave it out, or write 0s, for the default.',
    ],
    [
      'FROM a\nHEALTHCHECK --retries=-1 CMD x',
      '2:23-2:25',
      '--retries cannot be negative (-1)',
      'Write how many failures in a row are too many, for example 3.',
    ],
    ['FROM a\nONBUILD ONBUILD RUN x', '2:9-2:16', 'ONBUILD ONBUILD is not allowed', 'Write ONBUILD once.'],
    [
      'FROM a\nONBUILD FROM b',
      '2:9-2:13',
      'FROM is not allowed as an ONBUILD trigger',
      'Use another instruction, or write it in the Dockerfile that builds on this image.',
    ],
    ['FROM a\nONBUILD ENV b', '2:13-2:14', 'ENV must have two arguments', 'Write ENV b=value.'],
    [
      '# escape=x\nFROM a',
      '1:10-1:11',
      'invalid escape character x: it must be \\ or `',
      'Write "# escape=`" or "# escape=\\".',
    ],
    [
      '# check=a\n# check=b\nFROM a',
      '2:1-2:10',
      'only one check directive can be used',
      'Remove one of the two.',
    ],
  ])('in %j is told with its place and what to do', (text, where, message, hint) => {
    const error = thrown(() => parse(text));
    expect([error.code, error.location && place(error.location), error.message, error.hint]).toEqual([
      'DOCKERFILE',
      where,
      message,
      hint,
    ]);
  });

  test.each([
    'USER',
    'WORKDIR',
    'EXPOSE',
    'VOLUME',
    'ENV',
    'LABEL',
    'ARG',
    'STOPSIGNAL',
    'SHELL',
    'HEALTHCHECK',
    'ONBUILD',
    'COPY',
    'ADD',
    'MAINTAINER',
  ])('%s alone points at its name', (name) => {
    const error = thrown(() => parse(`FROM a\n${name}`));
    expect(error.location && place(error.location)).toBe(`2:1-2:${name.length + 1}`);
  });

  test('does not hide those after it', () => {
    const { errors, dockerfile } = readDockerfile(
      'FORM a\nFROM b AS 1\nCOPY c\nRUN ok\nSHELL x\n',
      'Dockerfile',
    );
    expect(errors.map((error) => error.location?.line)).toEqual([1, 2, 3, 5]);
    expect(dockerfile.instructions.map((instruction) => instruction.kind)).toEqual(['run']);
  });
});
