import { describe, expect, test } from 'vitest';
import { checkDockerfile } from '../../../../src-main/engine/dockerfile/check-dockerfile.ts';
import { ALL_CHECKS } from '../../../../src-main/engine/dockerfile/checks/all-checks.ts';

/** The rules of https://docs.docker.com/reference/build-checks/, the last part of each page's address, and which are experimental. */
const RULES: readonly (readonly [string, string, boolean])[] = [
  ['StageNameCasing', 'stage-name-casing', false],
  ['FromAsCasing', 'from-as-casing', false],
  ['NoEmptyContinuation', 'no-empty-continuation', false],
  ['ConsistentInstructionCasing', 'consistent-instruction-casing', false],
  ['DuplicateStageName', 'duplicate-stage-name', false],
  ['ReservedStageName', 'reserved-stage-name', false],
  ['JSONArgsRecommended', 'json-args-recommended', false],
  ['MaintainerDeprecated', 'maintainer-deprecated', false],
  ['UndefinedArgInFrom', 'undefined-arg-in-from', false],
  ['WorkdirRelativePath', 'workdir-relative-path', false],
  ['UndefinedVar', 'undefined-var', false],
  ['MultipleInstructionsDisallowed', 'multiple-instructions-disallowed', false],
  ['LegacyKeyValueFormat', 'legacy-key-value-format', false],
  ['InvalidBaseImagePlatform', 'invalid-base-image-platform', false],
  ['RedundantTargetPlatform', 'redundant-target-platform', false],
  ['SecretsUsedInArgOrEnv', 'secrets-used-in-arg-or-env', false],
  ['InvalidDefaultArgInFrom', 'invalid-default-arg-in-from', false],
  ['FromPlatformFlagConstDisallowed', 'from-platform-flag-const-disallowed', false],
  ['CopyIgnoredFile', 'copy-ignored-file', true],
  ['InvalidDefinitionDescription', 'invalid-definition-description', true],
  ['ExposeProtoCasing', 'expose-proto-casing', false],
  ['ExposeInvalidFormat', 'expose-invalid-format', false],
];

test('every rule of BuildKit is there once, with its page, and says what it wants', () => {
  const found = ALL_CHECKS.map(({ name, url, experimental }) => [name, url, experimental]);
  const wanted = RULES.map(([name, page, experimental]) => [
    name,
    `https://docs.docker.com/go/dockerfile/rule/${page}/`,
    experimental,
  ]);
  expect(found.toSorted()).toEqual(wanted.toSorted());
  expect(ALL_CHECKS.filter(({ detail }) => !/^.{20,}[.]$/.test(detail))).toEqual([]);
});

const TEXT = 'FROM a AS B\n# about it\nARG x\nMAINTAINER me\n';
const STAGE = 'StageNameCasing';
const AUTHOR = 'MaintainerDeprecated';
const COMMENT = 'InvalidDefinitionDescription';

function outcome(text: string, argument?: string) {
  const buildArgs = argument === undefined ? [] : [['BUILDKIT_DOCKERFILE_CHECK', argument] as const];
  const found = checkDockerfile(text, { file: 'Dockerfile', buildArgs: new Map(buildArgs) });
  const { warnings, warningsAreErrors, errors } = found;
  return {
    rules: warnings.map(({ rule }) => rule),
    ...(warningsAreErrors ? { fails: true } : {}),
    ...(errors.length > 0 ? { errors: errors.map(({ message }) => message) } : {}),
  };
}

describe('the check options', () => {
  test.each<[string, string | undefined, ReturnType<typeof outcome>]>([
    ['', undefined, { rules: [STAGE, AUTHOR] }],
    ['skip=StageNameCasing', undefined, { rules: [AUTHOR] }],
    ['skip=StageNameCasing,MaintainerDeprecated', undefined, { rules: [] }],
    ['skip=all', undefined, { rules: [] }],
    ['skip=all;error=true', undefined, { rules: [], fails: true }],
    ['experimental=all', undefined, { rules: [STAGE, COMMENT, AUTHOR] }],
    ['experimental=InvalidDefinitionDescription', undefined, { rules: [STAGE, COMMENT, AUTHOR] }],
    ['skip=all;experimental=all', undefined, { rules: [COMMENT] }],
    ['skip=InvalidDefinitionDescription;experimental=all', undefined, { rules: [STAGE, COMMENT, AUTHOR] }],
    ['error=true;skip=a;experimental=all;skip=all', undefined, { rules: [STAGE, AUTHOR], fails: true }],
    ['skip', undefined, { rules: [STAGE, AUTHOR], errors: ['invalid check option skip'] }],
    ['skip=all;error=true', 'skip=StageNameCasing', { rules: [AUTHOR] }],
    ['skip=all;error=true', '', { rules: [STAGE, AUTHOR] }],
    ['skip=all', ' error=true ', { rules: [STAGE, AUTHOR], fails: true }],
    [
      '',
      'eror=true',
      {
        rules: [STAGE, AUTHOR],
        errors: ['--build-arg BUILDKIT_DOCKERFILE_CHECK: invalid check option eror=true'],
      },
    ],
  ])('%j in the file and %j as the build argument', (option, argument, expected) => {
    expect(outcome(option === '' ? TEXT : `# check=${option}\n${TEXT}`, argument)).toEqual(expected);
  });

  test('name their rules: one that no check has is noted, with the one that was meant', () => {
    const text = '# check=skip=all;experimental=CopyIgnoredFiles,Nonsense\nFROM a\n';
    const { notes, errors, warnings } = checkDockerfile(text, { file: 'Dockerfile' });
    const place = { file: 'Dockerfile', line: 1, endLine: 1 };
    expect([errors, warnings, notes]).toEqual([
      [],
      [],
      [
        {
          message: 'no check is called CopyIgnoredFiles',
          hint: 'Did you mean CopyIgnoredFile?',
          location: { ...place, column: 31, endColumn: 47 },
          fixes: [
            {
              title: 'Write CopyIgnoredFile',
              edits: [{ location: { ...place, column: 31, endColumn: 47 }, text: 'CopyIgnoredFile' }],
            },
          ],
        },
        {
          message: 'no check is called Nonsense',
          hint: 'The rules are listed at https://docs.docker.com/reference/build-checks/.',
          location: { ...place, column: 48, endColumn: 56 },
          fixes: [],
        },
      ],
    ]);
  });
});

test('a copy from a name that is nearly a stage’s is noted', () => {
  const text =
    'FROM a AS builder\nFROM b\nCOPY --from=buidler x /\nCOPY --from=alpine x /\nCOPY --from=0 x /\n';
  const { notes } = checkDockerfile(text, { file: 'Dockerfile' });
  expect(notes.map(({ message, hint }) => [message, hint])).toEqual([
    ['no stage is called buidler: it is taken for an image', 'Did you mean builder?'],
  ]);
});
