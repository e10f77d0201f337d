import { cleanPath } from '../clean-path.ts';
import type { EvaluatedInstruction, ExpandedWord } from '../evaluate-stage.ts';
import { quoteString } from '../go-quote.ts';
import type { IgnoreMatcher } from '../ignore-file.ts';
import { defineCheck, eachInstruction } from './check-context.ts';

const EVERYTHING = ['*', '**', '**/*'];
const REMOTE = /^(?:https?:\/\/|git@|git:\/\/|ssh:\/\/)/;

/** The sources of COPY and ADD that are paths of the build context, expanded. */
function contextPaths({ instruction, words }: EvaluatedInstruction): readonly ExpandedWord[] {
  if (instruction.kind !== 'copy' && instruction.kind !== 'add') return [];
  if (instruction.kind === 'copy' && instruction.from !== undefined) return [];
  const paths = instruction.sources.filter((source) => source.type === 'path');
  const places = new Set(paths.map((source) => source.location));
  return words.filter((word) => places.has(word.location) && !REMOTE.test(word.text));
}

/** The whole context counts as ignored only when a pattern says so; a pattern with `!` may take anything back. */
function isIgnored(ignore: IgnoreMatcher, path: string): boolean {
  const clean = cleanPath(path);
  if (clean !== '.' && clean !== '/') return ignore.ignores(clean);
  return ignore.patterns.some((pattern) => EVERYTHING.includes(pattern.text));
}

export const copyIgnoredFile = defineCheck(
  'CopyIgnoredFile',
  'What COPY and ADD name is part of the build context, not left out by .dockerignore.',
  function* (context) {
    const { ignore } = context;
    if (ignore === undefined || ignore.hasNegation) return;
    for (const evaluated of eachInstruction(context)) {
      const verb = evaluated.instruction.kind === 'add' ? 'Add' : 'Copy';
      for (const { text: path, location: focus } of contextPaths(evaluated)) {
        if (!isIgnored(ignore, path)) continue;
        const message = `Attempting to ${verb} file ${quoteString(path)} that is excluded by .dockerignore`;
        yield { message, location: evaluated.instruction.location, focus };
      }
    }
  },
  { experimental: true },
);
