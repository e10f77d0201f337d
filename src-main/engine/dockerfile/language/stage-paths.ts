import { cleanPath } from '../clean-path.ts';
import { expandWord } from '../expand-word.ts';
import type { Variables as ExpandedVariables } from '../expand-word.ts';
import type { StageInstruction } from '../instruction.ts';
import { isEngineError } from '../../../contract/errors.ts';

/** What instructions say about a stage's file system without being run. */
export interface StagePaths {
  /** The working folder after them. */
  readonly workdir: string;
  /** Absolute paths that are there: folders that WORKDIR makes, and where COPY and ADD put things. */
  readonly folders: readonly string[];
  /** Files that COPY and ADD write under a name of their own. */
  readonly files: readonly string[];
}

/** An absolute path, from the working folder where it is relative. */
export function absolutePath(path: string, workdir: string): string {
  return cleanPath(path.startsWith('/') ? path : `${workdir}/${path}`);
}

function expandOr(text: string, variables: ExpandedVariables, escape: string): string | undefined {
  try {
    return expandWord(text, variables, { escape });
  } catch (error) {
    if (isEngineError(error)) return undefined;
    throw error;
  }
}

/** Follows WORKDIR, COPY and ADD from `workdir` on; a path that cannot be expanded is left out. */
export function stagePaths(
  instructions: readonly StageInstruction[],
  options: { readonly workdir: string; readonly variables: ExpandedVariables; readonly escape: string },
): StagePaths {
  let { workdir } = options;
  const folders = new Set<string>();
  const files = new Set<string>();
  for (const instruction of instructions) {
    if (instruction.kind === 'workdir') {
      const path = expandOr(instruction.path.text, options.variables, options.escape);
      if (path === undefined) continue;
      workdir = absolutePath(path, workdir);
      folders.add(workdir);
    } else if (instruction.kind === 'copy' || instruction.kind === 'add') {
      const { sources } = instruction;
      const path = expandOr(instruction.destination.text, options.variables, options.escape);
      if (path === undefined) continue;
      const isFolder = path.endsWith('/') || sources.length > 1 || /^\.?\.?$/.test(path);
      const source = sources[0];
      const name = source?.type === 'path' ? source.text.slice(source.text.lastIndexOf('/') + 1) : '';
      const target = absolutePath(path, workdir);
      (isFolder || !/\.[a-z]\w*$/i.test(name || target) ? folders : files).add(target);
      for (const each of isFolder ? sources : []) addInside(each, target, files);
    }
  }
  return { workdir, folders: Array.from(folders), files: Array.from(files) };
}

type Source = Extract<StageInstruction, { kind: 'copy' }>['sources'][number];

/** A file that keeps its name; a folder's content goes in without it. */
function addInside(source: Source, folder: string, files: Set<string>): void {
  if (source.type === 'heredoc') {
    files.add(absolutePath(source.heredoc.name, folder));
    return;
  }
  const name = source.text.slice(source.text.lastIndexOf('/') + 1);
  if (/^[\w.-]*\.[a-z]\w*$/i.test(name)) files.add(absolutePath(name, folder));
}
