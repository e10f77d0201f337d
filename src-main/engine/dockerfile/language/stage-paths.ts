import { cleanPath } from '../clean-path.ts';
import type { Variables as ExpandedVariables } from '../expand-word.ts';
import type { StageInstruction } from '../instruction.ts';
import { expandOr } from './expand-or.ts';

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

export interface StagePathOptions {
  /** The working folder of what the stage is built on. */
  readonly workdir: string;
  readonly variables: ExpandedVariables;
  readonly escape: string;
}

/** Goes through a stage's instructions; a path that cannot be expanded is left out. */
class PathCollector {
  readonly folders = new Set<string>();
  readonly files = new Set<string>();
  workdir: string;
  private readonly options: StagePathOptions;

  constructor(options: StagePathOptions) {
    this.options = options;
    this.workdir = options.workdir;
  }

  take(instruction: StageInstruction): void {
    if (instruction.kind === 'workdir') this.enter(instruction.path.text);
    if (instruction.kind === 'copy' || instruction.kind === 'add') this.copy(instruction);
  }

  private enter(written: string): void {
    const path = this.expand(written);
    if (path === undefined) return;
    this.workdir = absolutePath(path, this.workdir);
    this.folders.add(this.workdir);
  }

  private copy({ sources, destination }: Copy): void {
    const path = this.expand(destination.text);
    if (path === undefined) return;
    const target = absolutePath(path, this.workdir);
    if (path.endsWith('/') || sources.length > 1 || /^\.?\.?$/.test(path)) {
      this.folders.add(target);
      for (const source of sources) this.putInto(target, source);
    } else if (sources.some((source) => fileName(source) !== undefined)) this.files.add(target);
    else this.folders.add(target);
  }

  /** A file keeps its name; what is in a folder goes in without the folder. */
  private putInto(folder: string, source: Source): void {
    const name = fileName(source);
    if (name !== undefined) this.files.add(absolutePath(name, folder));
  }

  private expand(text: string): string | undefined {
    return expandOr(text, this.options.variables, this.options.escape, undefined);
  }
}

type Copy = Extract<StageInstruction, { kind: 'copy' | 'add' }>;

type Source = Copy['sources'][number];

/** The name of a source that is a file: what has an extension most likely is, anything else is a folder. */
function fileName(source: Source): string | undefined {
  if (source.type === 'heredoc') return source.heredoc.name;
  const name = source.text.slice(source.text.lastIndexOf('/') + 1);
  return /^[^*?]*\.[a-z]\w*$/i.test(name) ? name : undefined;
}

/** Follows WORKDIR, COPY and ADD from the working folder of the base on. */
export function stagePaths(instructions: readonly StageInstruction[], options: StagePathOptions): StagePaths {
  const collector = new PathCollector(options);
  for (const instruction of instructions) collector.take(instruction);
  const { workdir, folders, files } = collector;
  return { workdir, folders: Array.from(folders), files: Array.from(files) };
}
