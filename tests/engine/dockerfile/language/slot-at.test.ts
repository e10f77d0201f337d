import { describe, expect, test } from 'vitest';
import { slotAt } from '../../../../src-main/engine/dockerfile/language/slot-at.ts';
import type { Want } from '../../../../src-main/engine/dockerfile/language/slot.ts';
import { readDockerfile } from '../../../../src-main/engine/dockerfile/read-dockerfile.ts';
import { atMark } from './at-mark.ts';

/** What is wanted at the mark, and the text that a completion takes the place of. */
function slot(marked: string): { want: Want; replaced: string } | undefined {
  const { text, position } = atMark(marked);
  const found = slotAt(readDockerfile(text, 'Dockerfile'), position);
  if (found === undefined) return undefined;
  const { line, column, endLine, endColumn } = found.replace;
  const lines = text.split('\n').slice(line - 1, endLine);
  lines[lines.length - 1] = (lines.at(-1) ?? '').slice(0, endColumn - 1);
  lines[0] = (lines[0] ?? '').slice(column - 1);
  return { want: found.want, replaced: lines.join('\n') };
}

const instruction = {
  kind: 'instruction',
  isTrigger: false,
  isBeforeFrom: false,
  directives: undefined,
} as const;
const variable = { kind: 'variable', scope: 'stage', braces: false, environmentOnly: false } as const;
const source = { kind: 'source', from: undefined, isQuoted: false } as const;

describe('what is wanted', () => {
  test.each<[string, Want, string]>([
    ['|', { ...instruction, isBeforeFrom: true, directives: [] }, ''],
    ['FR|', { ...instruction, isBeforeFrom: true, directives: [] }, 'FR'],
    ['# syntax=x\n|', { ...instruction, isBeforeFrom: true, directives: ['syntax'] }, ''],
    ['FROM a\n|', instruction, ''],
    ['FROM a\n  |\nRUN x', instruction, ''],
    ['FROM a\nCO|PY b c', instruction, 'COPY'],
    ['FROM a\nRUN x\\\n  y\n|', instruction, ''],
    ['FROM a\nONBUILD |', { ...instruction, isTrigger: true }, ''],
    ['FROM a\nONBUILD CO|', { ...instruction, isTrigger: true }, 'CO'],
    ['# |', { kind: 'directive', given: [] }, ''],
    ['# syntax=x\n#es|', { kind: 'directive', given: ['syntax'] }, 'es'],
    ['# escape=|', { kind: 'directive value', directive: 'escape' }, ''],
    ['# check=err|', { kind: 'directive value', directive: 'check' }, 'err'],
    ['# check=error=true;skip=A,St|', { kind: 'check' }, 'St'],
    ['FROM |', { kind: 'base', by: 'from' }, ''],
    ['FROM bus|ybox:1 AS x', { kind: 'base', by: 'from' }, 'busybox:1'],
    ['FROM --platform=$BUILDPLATFORM a|', { kind: 'base', by: 'from' }, 'a'],
    ['FROM a |', { kind: 'as' }, ''],
    ['FROM --pl|', { kind: 'flag', instruction: 'from', given: [] }, '--pl'],
    [
      'FROM --platform=li|nux/amd64 a',
      { kind: 'flag value', instruction: 'from', flag: 'platform' },
      'linux/amd64',
    ],
    ['FROM a\nCOPY -|', { kind: 'flag', instruction: 'copy', given: [] }, '-'],
    ['FROM a\nCOPY --link --fr|om=x a b', { kind: 'flag', instruction: 'copy', given: ['link'] }, '--from'],
    ['FROM a\nCOPY --link \\\n  --|', { kind: 'flag', instruction: 'copy', given: ['link'] }, '--'],
    ['FROM a\nCOPY --from=bu| a b', { kind: 'base', by: 'copy' }, 'bu'],
    ['FROM a\nCOPY --from="bu|" a b', { kind: 'base', by: 'copy' }, 'bu'],
    ['FROM a\nCOPY --chown=ro|ot:x a b', { kind: 'owner', part: 'user' }, 'root'],
    ['FROM a\nCOPY --chown=root:| a b', { kind: 'owner', part: 'group' }, ''],
    ['FROM a\nADD --checksum| a b', { kind: 'flag', instruction: 'add', given: [] }, '--checksum'],
    ['FROM a\nRUN --mount=| x', { kind: 'mount key', type: undefined, given: [] }, ''],
    ['FROM a\nRUN --mount=type=ca|', { kind: 'mount value', key: 'type' }, 'ca'],
    [
      'FROM a\nRUN --mount=type=cache,ta|rget=/x y',
      { kind: 'mount key', type: 'cache', given: ['type'] },
      'target',
    ],
    ['FROM a\nRUN --mount=type=bind,from=| y', { kind: 'base', by: 'mount' }, ''],
    ['FROM a\nRUN --mount=src=a/b|,from=q y', { ...source, from: 'q', typed: 'a/b' }, 'b'],
    ['FROM a\nRUN --mount=type=cache,\\\ntarget=/va|r y', { kind: 'folder', typed: '/va' }, 'var'],
    ['FROM a\nCOPY |', { ...source, typed: '' }, ''],
    ['FROM a\nCOPY sr| /x', { ...source, typed: 'sr' }, 'sr'],
    ['FROM a\nCOPY a src/li|b/c /x', { ...source, typed: 'src/li' }, 'lib'],
    ['FROM a\nCOPY a |', { ...source, kind: 'path', typed: '' }, ''],
    ['FROM a\nCOPY --from=b /us|', { ...source, from: 'b', typed: '/us' }, 'us'],
    ['FROM a\nCOPY ["a b/c|", "/x"]', { ...source, kind: 'path', typed: 'a b/c', isQuoted: true }, 'c'],
    ['FROM a\nRUN echo $|', variable, ''],
    ['FROM a\nRUN echo ${V|}', { ...variable, braces: true }, 'V'],
    ['FROM a\nCMD echo $V|', { ...variable, environmentOnly: true }, 'V'],
    ['FROM x$V|', { ...variable, scope: 'global' }, 'V'],
    ['FROM --platform=$|', { ...variable, scope: 'global' }, ''],
    ['FROM a\nENV A="$V|"', variable, 'V'],
    ['FROM a\nENV A=1 \\\n  B=$V|', variable, 'V'],
    ['FROM a\nCOPY <<E /x\n$V|\nE\n', variable, 'V'],
    ['FROM a\nEXPOSE |', { kind: 'port', port: undefined }, ''],
    ['FROM a\nEXPOSE 80/t|', { kind: 'port', port: '80' }, 't'],
    ['FROM a\nUSER ro|', { kind: 'owner', part: 'user' }, 'ro'],
    ['FROM a\nWORKDIR /a/b|', { kind: 'folder', typed: '/a/b' }, 'b'],
    ['FROM a\nSTOPSIGNAL SI|', { kind: 'signal' }, 'SI'],
    ['FROM a\nHEALTHCHECK --interval=5s |', { kind: 'health check' }, ''],
    ['FROM a\nHEALTHCHECK CMD |', { kind: 'command', instruction: 'healthcheck' }, ''],
    ['FROM a\nCMD |', { kind: 'command', instruction: 'cmd' }, ''],
    ['FROM a\nENTRYPOINT [|]', { kind: 'command', instruction: 'entrypoint' }, '[]'],
    ['FROM a\nARG HT|', { kind: 'argument name' }, 'HT'],
    ['FROM a\nLABEL org|=1', { kind: 'label' }, 'org'],
    ['FROM a\nCOPY a \\\n  |', { ...source, kind: 'path', typed: '' }, ''],
    ['FROM a\nCOPY a \\\n\n  |\n  b', { ...source, typed: '' }, ''],
  ])('%j', (marked, want, replaced) => {
    expect(slot(marked)).toEqual({ want, replaced });
  });

  test.each([
    'FROM a\n# comm|ent',
    'FROM a\nRUN x \\\n# comm|ent\n  y',
    'FROM a\nRUN <<E\n$V|\nE\n',
    'FROM a\nCOPY <<"E" /x\n$V|\nE\n',
    'FROM a\nCOPY <<E /x\nwo|rd\nE\n',
    'FROM a\nRUN <<E\nnever ended |\n',
    "FROM a\nENV A='$V|'",
    'FROM a AS nam|e',
    'FROM a\nRUN ec|ho',
    'FROM a\nENV A=val|ue',
    'FROM a\nRUN x \\|\n  y',
    'FROM a\nADD https://exam|ple.org/x /y',
  ])('nothing in %j', (marked) => {
    expect(slot(marked)).toBeUndefined();
  });

  test('flags too, before the first argument', () => {
    const { text, position } = atMark('FROM a\nCOPY --link |');
    const found = slotAt(readDockerfile(text, 'Dockerfile'), position);
    expect(found?.flags).toEqual({ instruction: 'copy', given: ['link'] });
  });
});
