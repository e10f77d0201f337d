import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Fix } from '../../../../src-main/contract/errors.ts';
import { checkDockerfile } from '../../../../src-main/engine/dockerfile/check-dockerfile.ts';
import { expandWord } from '../../../../src-main/engine/dockerfile/expand-word.ts';
import { applyEdits } from '../../../../src-main/engine/dockerfile/language/apply-edits.ts';
import { parseDockerfile } from '../../../../src-main/engine/dockerfile/parse-dockerfile.ts';
import { goldenCases, readGoldenText } from '../goldens.ts';

const EXPERIMENTAL = '# check=experimental=all\n';
const REAL = resolve(import.meta.dirname, '../../../fixtures/real-dockerfiles');

function check(text: string) {
  return checkDockerfile(text, { file: 'Dockerfile' });
}

function apply(text: string, { edits }: Fix): string {
  return applyEdits(
    text,
    edits.map(({ location, text: replacement }) => ({ location, text: replacement })),
  );
}

/** The titles of the fixes of the rule's first warning, and the text that each leaves. */
function fixesOf(text: string, rule: string): readonly (readonly [string, string])[] {
  const warning = check(text).warnings.find((found) => found.rule === rule);
  if (warning === undefined) throw new Error(`${rule} does not warn of ${text}`);
  return warning.fixes.map((fix) => [fix.title, apply(text, fix)]);
}

describe('the fixes of', () => {
  test.each<[string, string, readonly (readonly [string, string])[]]>([
    ['ConsistentInstructionCasing', 'FROM a\nrun x\n', [['Write RUN', 'FROM a\nRUN x\n']]],
    ['ConsistentInstructionCasing', 'from a\nRun x\n', [['Write run', 'from a\nrun x\n']]],
    [
      'ConsistentInstructionCasing',
      'FROM a\nRUN x\nfrom b as c\n',
      [['Write FROM', 'FROM a\nRUN x\nFROM b AS c\n']],
    ],
    ['FromAsCasing', 'FROM a as b\n', [['Write AS', 'FROM a AS b\n']]],
    ['FromAsCasing', 'from a AS b\n', [['Write as', 'from a as b\n']]],
    [
      'StageNameCasing',
      'FROM a AS Big\nFROM big\nFROM Big\nCOPY --from=BIG x /\nRUN --mount=from=Big,target=/x y\n',
      [
        [
          'Write the name in lower case',
          'FROM a AS big\nFROM big\nFROM big\nCOPY --from=big x /\nRUN --mount=from=big,target=/x y\n',
        ],
      ],
    ],
    [
      'DuplicateStageName',
      'FROM a AS b\nFROM c AS b\nFROM d AS b-2\nFROM b\nCOPY --from=b x /\n',
      [['Call this one b-3', 'FROM a AS b\nFROM c AS b-3\nFROM d AS b-2\nFROM b-3\nCOPY --from=b-3 x /\n']],
    ],
    ['DuplicateStageName', 'FROM a AS b\nFROM c\nCOPY --from=b x /\nFROM d AS b\n', []],
    [
      'ReservedStageName',
      'FROM a AS context\nFROM context\n',
      [['Call it context-stage', 'FROM a AS context-stage\nFROM context-stage\n']],
    ],
    [
      'NoEmptyContinuation',
      'FROM a\nRUN x \\\n\n \t\n y\n',
      [['Remove the empty lines', 'FROM a\nRUN x \\\n y\n']],
    ],
    [
      'MaintainerDeprecated',
      'FROM a\nMAINTAINER A "B" $C\\D\n',
      [['Write a label', 'FROM a\nLABEL org.opencontainers.image.authors="A \\"B\\" \\$C\\\\D"\n']],
    ],
    [
      'MaintainerDeprecated',
      '# escape=`\nfrom a\nmaintainer A\\B\n',
      [['Write a label', '# escape=`\nfrom a\nlabel org.opencontainers.image.authors="A\\B"\n']],
    ],
    ['LegacyKeyValueFormat', 'FROM a\nENV a b\n', [['Write name=value', 'FROM a\nENV a=b\n']]],
    ['LegacyKeyValueFormat', 'FROM a\nENV  a \t b  c\n', [['Write name=value', 'FROM a\nENV  a="b  c"\n']]],
    ['LegacyKeyValueFormat', 'FROM a\nENV a "b c"\n', [['Write name=value', 'FROM a\nENV a="b c"\n']]],
    [
      'LegacyKeyValueFormat',
      'FROM a\nLABEL a b \\\n # c\n   d\n',
      [['Write name=value', 'FROM a\nLABEL a="b \\\n # c\n   d"\n']],
    ],
    ['LegacyKeyValueFormat', 'FROM a\nENV a \\\n b c\n', []],
    ['LegacyKeyValueFormat', 'FROM a\nENV a b "c" d\n', []],
    [
      'JSONArgsRecommended',
      'FROM a\nCMD top -b\n',
      [
        ['Start the program itself', 'FROM a\nCMD ["top", "-b"]\n'],
        ['Name the shell in JSON', 'FROM a\nCMD ["/bin/sh", "-c", "top -b"]\n'],
      ],
    ],
    [
      'JSONArgsRecommended',
      'FROM a\nENTRYPOINT exec app --port=80\n',
      [
        ['Start the program itself', 'FROM a\nENTRYPOINT ["app", "--port=80"]\n'],
        ['Name the shell in JSON', 'FROM a\nENTRYPOINT ["/bin/sh", "-c", "exec app --port=80"]\n'],
      ],
    ],
    [
      'JSONArgsRecommended',
      'FROM a\nCMD cd /x && \\\n  "run" $Y\n',
      [['Name the shell in JSON', 'FROM a\nCMD ["/bin/sh", "-c", "cd /x &&   \\"run\\" $Y"]\n']],
    ],
    [
      'JSONArgsRecommended',
      'FROM a\nCMD exit 1\n',
      [['Name the shell in JSON', 'FROM a\nCMD ["/bin/sh", "-c", "exit 1"]\n']],
    ],
    ['JSONArgsRecommended', 'FROM a\nCMD x \\\n # why\n y\n', []],
    ['JSONArgsRecommended', 'FROM a AS b\nONBUILD CMD x\nFROM b\n', []],
    [
      'UndefinedVar',
      'FROM a\nENV VERSION=1\nLABEL v=$VERSIO w=${VERSIO:-2}\n',
      [
        ['Write VERSION', 'FROM a\nENV VERSION=1\nLABEL v=$VERSION w=${VERSION:-2}\n'],
        ['Declare it: ARG VERSIO', 'FROM a\nENV VERSION=1\nARG VERSIO\nLABEL v=$VERSIO w=${VERSIO:-2}\n'],
      ],
    ],
    [
      'UndefinedVar',
      'from a\r\nuser $who\r\n',
      [['Declare it: arg who', 'from a\r\narg who\r\nuser $who\r\n']],
    ],
    [
      'UndefinedArgInFrom',
      '# check=skip=InvalidDefaultArgInFrom\nARG TAG=1\nFROM a:${TGA}\n',
      [
        ['Write TAG', '# check=skip=InvalidDefaultArgInFrom\nARG TAG=1\nFROM a:${TAG}\n'],
        [
          'Declare it above the first FROM: ARG TGA',
          '# check=skip=InvalidDefaultArgInFrom\nARG TAG=1\nARG TGA\nFROM a:${TGA}\n',
        ],
      ],
    ],
    [
      'UndefinedArgInFrom',
      'FROM --platform=$BULDPLATFORM a\n',
      [
        ['Write BUILDPLATFORM', 'FROM --platform=$BUILDPLATFORM a\n'],
        [
          'Declare it above the first FROM: ARG BULDPLATFORM',
          'ARG BULDPLATFORM\nFROM --platform=$BULDPLATFORM a\n',
        ],
      ],
    ],
    ['WorkdirRelativePath', 'FROM a\nWORKDIR app\n', [['Make the path absolute', 'FROM a\nWORKDIR /app\n']]],
    [
      'WorkdirRelativePath',
      'FROM a\nWORKDIR "./app x"\n',
      [['Make the path absolute', 'FROM a\nWORKDIR "/app x"\n']],
    ],
    [
      'RedundantTargetPlatform',
      'FROM --platform=$TARGETPLATFORM  a AS b\n',
      [['Remove the flag', 'FROM a AS b\n']],
    ],
    [
      'RedundantTargetPlatform',
      'FROM --platform=$TARGETPLATFORM \\\n a\n',
      [['Remove the flag', 'FROM \\\n a\n']],
    ],
    [
      'FromPlatformFlagConstDisallowed',
      'FROM --platform=linux/amd64 a AS c\nFROM b\nCOPY --from=c x /\n',
      [
        ['Write $BUILDPLATFORM', 'FROM --platform=$BUILDPLATFORM a AS c\nFROM b\nCOPY --from=c x /\n'],
        ['Remove the flag', 'FROM a AS c\nFROM b\nCOPY --from=c x /\n'],
      ],
    ],
    [
      'FromPlatformFlagConstDisallowed',
      'FROM --platform=linux/amd64 a AS c\nFROM c\n',
      [['Remove the flag', 'FROM a AS c\nFROM c\n']],
    ],
    ['ExposeProtoCasing', 'FROM a\nEXPOSE 1 80/TCP\n', [['Write 80/tcp', 'FROM a\nEXPOSE 1 80/tcp\n']]],
    ['ExposeProtoCasing', 'FROM a\nARG p=80/TCP\nEXPOSE $p\n', []],
    [
      'ExposeInvalidFormat',
      'FROM a\nEXPOSE 127.0.0.1:80:8080/udp 1\n',
      [['Write 8080/udp', 'FROM a\nEXPOSE 8080/udp 1\n']],
    ],
    [
      'MultipleInstructionsDisallowed',
      'FROM a\nCMD ["a", \\\n "b"]\n# the one\nCMD ["c"]\n',
      [['Remove this CMD', 'FROM a\n# the one\nCMD ["c"]\n']],
    ],
    [
      'InvalidDefinitionDescription',
      `${EXPERIMENTAL}# the version\nARG V\nFROM a\n`,
      [
        ['Describe V', `${EXPERIMENTAL}# V the version\nARG V\nFROM a\n`],
        ['Part the comment from it', `${EXPERIMENTAL}# the version\n#\nARG V\nFROM a\n`],
      ],
    ],
    [
      'InvalidDefinitionDescription',
      `${EXPERIMENTAL}#both\nARG V W\nFROM a\n`,
      [['Part the comment from it', `${EXPERIMENTAL}#both\n#\nARG V W\nFROM a\n`]],
    ],
    [
      'InvalidDefaultArgInFrom',
      'ARG T\nFROM a:${T}\n',
      [['Give it a default: T=latest', 'ARG T=latest\nFROM a:${T}\n']],
    ],
    ['InvalidDefaultArgInFrom', 'ARG BASE\nFROM $BASE\n', []],
    ['SecretsUsedInArgOrEnv', 'FROM a\nARG PASSWORD\n', []],
  ])('%s in %j', (rule, text, expected) => {
    expect(fixesOf(text, rule)).toEqual(expected);
  });
});

/** How many warnings say the same; that of the same place may have another number of lines after a fix. */
function count(text: string, { rule, message }: { readonly rule: string; readonly message: string }): number {
  return check(text).warnings.filter((other) => other.rule === rule && other.message === message).length;
}

/** What a fix must not change: these rules are about how a thing is written. */
const SAME_MEANING = new Set([
  'ConsistentInstructionCasing',
  'FromAsCasing',
  'NoEmptyContinuation',
  'LegacyKeyValueFormat',
  'ExposeProtoCasing',
  'InvalidDefinitionDescription',
]);
const OF_THE_TEXT = [
  'keyword',
  'location',
  'original',
  'comments',
  'emptyContinuations',
  'lastLine',
  'legacy',
  'as',
  'nameLocation',
  'valueLocation',
];

/** What the instructions say, however they are written: words expanded with nothing set. */
function meaningOf(text: string): unknown {
  const { instructions } = parseDockerfile(text, { file: 'Dockerfile' });
  const plain = JSON.stringify(instructions, (key, value: unknown) => {
    if (OF_THE_TEXT.includes(key)) return undefined;
    if (typeof value === 'bigint') return String(value);
    return key === 'value' && typeof value === 'string' ? expandWord(value, new Map()) : value;
  });
  return plain.toLowerCase();
}

/** Makes each fix of each warning by itself, and says what is wrong with what it leaves. */
function wrongFixes(text: string): readonly string[] {
  const before = check(text);
  return before.warnings.flatMap((warning) =>
    warning.fixes.flatMap((fix) => {
      const fixed = apply(text, fix);
      const after = check(fixed);
      const problems = [
        count(fixed, warning) < count(text, warning) ? '' : 'still warns',
        after.errors.length <= before.errors.length ? '' : `breaks: ${after.errors[0]?.message}`,
        SAME_MEANING.has(warning.rule) && meaningOf(text) !== meaningOf(fixed) ? 'changes the meaning' : '',
      ].filter((problem) => problem !== '');
      return problems.map((problem) => `${warning.location.line} ${warning.rule}: ${fix.title} ${problem}`);
    }),
  );
}

describe('every fix silences its warning and breaks nothing', () => {
  test.each(goldenCases('lint'))('in BuildKit’s %s', (name) => {
    expect(wrongFixes(readGoldenText('lint', name, 'Dockerfile'))).toEqual([]);
  });

  const real = readdirSync(REAL).filter((name) => name.endsWith('Dockerfile'));
  test.each(real)('in %s', (name) => {
    const text = readFileSync(join(REAL, name), 'utf8');
    expect(wrongFixes(text)).toEqual([]);
    expect(wrongFixes(/^\s*#\s*\w+\s*=/.test(text) ? text : EXPERIMENTAL + text)).toEqual([]);
  });
});

describe('a mistake is mended by its fix', () => {
  test.each([
    ['FROM a\nCOPPY x /\n', 'FROM a\nCOPY x /\n'],
    ['from a\nrum x\n', 'from a\nrun x\n'],
    ['FROM a\nCOPY --form=b x /\n', 'FROM a\nCOPY --from=b x /\n'],
    ['FROM a ass b\n', 'FROM a AS b\n'],
    ['FROM a\nRUN --mount=type=cahce,target=/x y\n', 'FROM a\nRUN --mount=type=cache,target=/x y\n'],
    ['FROM a\nRUN --mount=type=cache,targt=/x y\n', 'FROM a\nRUN --mount=type=cache,target=/x y\n'],
    ['FROM a\nRUN --network=hots y\n', 'FROM a\nRUN --network=host y\n'],
    ['FROM a\nSTOPSIGNAL SIGTREM\n', 'FROM a\nSTOPSIGNAL SIGTERM\n'],
    ['FROM a\nHEALTHCHECK --interval=30 CMD x\n', 'FROM a\nHEALTHCHECK --interval=30s CMD x\n'],
    ['FROM a\nHEALTHCHECK --timeout=1day CMD x\n', 'FROM a\nHEALTHCHECK --timeout=24h CMD x\n'],
    ['FROM a\nHEALTHCHECK CDM x\n', 'FROM a\nHEALTHCHECK CMD x\n'],
    ['# check=skp=all\nFROM a\n', '# check=skip=all\nFROM a\n'],
  ])('%j becomes %j', (text, mended) => {
    const [fix] = check(text).errors[0]?.fixes ?? [];
    expect(fix && apply(text, fix)).toBe(mended);
    expect(check(mended).errors).toEqual([]);
  });
});
