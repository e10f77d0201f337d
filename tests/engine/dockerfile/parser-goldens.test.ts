import { describe, expect, test } from 'vitest';
import type { EscapeCharacter } from '../../../src-main/engine/dockerfile/dockerfile.ts';
import { scanDirectives } from '../../../src-main/engine/dockerfile/directives.ts';
import { isJsonArray, parseJsonArray } from '../../../src-main/engine/dockerfile/json-array.ts';
import { readDockerfile } from '../../../src-main/engine/dockerfile/read-dockerfile.ts';
import { readStatements } from '../../../src-main/engine/dockerfile/read-statements.ts';
import { splitLines } from '../../../src-main/engine/dockerfile/scan-lines.ts';
import { spanText, splitStatement } from '../../../src-main/engine/dockerfile/statement.ts';
import type { Span, Statement } from '../../../src-main/engine/dockerfile/statement.ts';
import { splitQuotedWords, splitWords } from '../../../src-main/engine/dockerfile/words.ts';
import { goldenCases, readGolden, readGoldenText } from './goldens.ts';

interface Node {
  readonly instruction: string;
  readonly args: readonly unknown[];
  readonly startLine: number;
  readonly endLine: number;
  readonly flags?: readonly string[];
  readonly json?: boolean;
}

interface Golden {
  readonly error?: string;
  readonly escape: string;
  readonly warnings: readonly string[];
  readonly instructions: readonly Node[];
}

const WORDS = ['add', 'copy', 'volume', 'expose', 'from'];

/** ENV and LABEL as BuildKit's tree has them: name, value and the separator that was written. */
function pairArgs(args: Span, escape: string): readonly string[] {
  const words = splitQuotedWords(args, escape).map((word) => word.text);
  if (words[0]?.includes('=') === true) {
    return words.flatMap((word) => [
      word.slice(0, word.indexOf('=')),
      word.slice(word.indexOf('=') + 1),
      '=',
    ]);
  }
  const [, key = '', value = ''] = /^(\S+)\s+([^]*)$/.exec(spanText(args)) ?? [];
  return [key, value, ''];
}

function argsOf(name: string, args: Span, escape: EscapeCharacter): readonly unknown[] {
  if (spanText(args) === '') return [];
  if (name === 'env' || name === 'label') return pairArgs(args, escape);
  if (name === 'arg') return splitQuotedWords(args, escape).map((word) => word.text);
  if (name === 'onbuild') {
    const head = splitStatement(args.source, escape, args.start);
    const inner = head.keyword.text.toLowerCase();
    return [[inner, ...argsOf(inner, head.args, escape)]];
  }
  if (name === 'healthcheck')
    return spanText(args)
      .split(/\s+([^]*)/)
      .filter((part) => part !== '');
  const json = ['user', 'workdir', 'stopsignal', 'maintainer'].includes(name)
    ? undefined
    : parseJsonArray(args);
  if (json !== undefined) return json.map((word) => word.text);
  return WORDS.includes(name) ? splitWords(args).map((word) => word.text) : [spanText(args)];
}

function toNode({ name, args, base, escape }: Statement): Node {
  const takesJson = ['add', 'copy', 'volume', 'run', 'cmd', 'entrypoint', 'shell'].includes(name);
  const flags = base.flags.map((flag) => `--${flag.name}${flag.value === undefined ? '' : `=${flag.value}`}`);
  return {
    args: argsOf(name, args, escape),
    endLine: base.heredocs.at(-1)?.location.endLine ?? base.lastLine,
    ...(flags.length > 0 ? { flags } : {}),
    instruction: name,
    ...(takesJson && isJsonArray(args) ? { json: true } : {}),
    startLine: base.location.line,
  };
}

function dump(text: string): Omit<Golden, 'error'> {
  const lines = splitLines(text);
  const { directives, escape } = scanDirectives(lines, 'Dockerfile');
  const { statements } = readStatements(lines, directives.length, escape, 'Dockerfile');
  const warnings = statements
    .filter(({ base }) => base.emptyContinuations.length > 0)
    .map(({ base }) => `Empty continuation line found in: ${base.original}`);
  return { escape, warnings, instructions: statements.map(toNode) };
}

describe('the tree is BuildKit’s', () => {
  test.each(goldenCases('parser'))('%s', (name) => {
    const golden = readGolden<Golden>('parser', name, 'result.json');
    const text = readGoldenText('parser', name, 'Dockerfile');
    if (golden.error === undefined) expect(dump(text)).toEqual(golden);
    else expect(readDockerfile(text, 'Dockerfile').errors.length).toBeGreaterThan(0);
  });
});
