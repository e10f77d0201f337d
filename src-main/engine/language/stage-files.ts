import { isEngineError } from '../../contract/errors.ts';
import type { Stage } from '../dockerfile/dockerfile.ts';
import { chainInstructions } from '../dockerfile/language/stage-chain.ts';
import { stagePaths, type StagePaths } from '../dockerfile/language/stage-paths.ts';
import { valuesOf } from '../dockerfile/language/variables-in-scope.ts';
import type { RootFs } from '../filetree/root-fs.ts';
import { stackRootFs } from '../filetree/stack-root-fs.ts';
import type { ResolvedImage } from '../image/resolve-image.ts';
import type { Question } from './question.ts';

/** What is known of a stage's file system on a line without building it. */
export interface StageFiles {
  /** Of the image that it is built on; undefined when the store does not have it. */
  readonly rootFs: RootFs | undefined;
  /** What its instructions say, and those of the stages under it. */
  readonly own: StagePaths;
}

/** An entry of a folder in an image or a stage. */
export interface StageEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

export async function rootFsOf(
  question: Question,
  known: ResolvedImage | undefined,
): Promise<RootFs | undefined> {
  return known && stackRootFs(question.store, known.image.layers, question.options);
}

/** The files of a stage as its instructions before the line leave them. */
export async function stageFiles(question: Question, stage: Stage, line: number): Promise<StageFiles> {
  const chain = question.chainOf(stage);
  const base = await question.baseOf(chain);
  const variables = valuesOf(await question.variables(stage, line));
  const own = stagePaths(chainInstructions(chain, line), {
    workdir: base?.image.config.config?.WorkingDir || '/',
    variables,
    escape: question.reading.dockerfile.escape,
  });
  return { rootFs: await rootFsOf(question, base), own };
}

/** What a folder holds, links followed: the image's entries and what the instructions add, in order of names. */
export function listStageFolder({ rootFs, own }: Partial<StageFiles>, folder: string): readonly StageEntry[] {
  const entries = new Map<string, boolean>();
  for (const { name, isFolder } of imageEntries(rootFs, folder)) entries.set(name, isFolder);
  for (const name of namesBelow(own?.files ?? [], folder, true)) entries.set(name, false);
  for (const name of namesBelow(own?.files ?? [], folder, false)) entries.set(name, true);
  for (const name of namesBelow(own?.folders ?? [], folder, undefined)) entries.set(name, true);
  return Array.from(entries, ([name, isFolder]) => ({ name, isFolder })).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

function imageEntries(rootFs: RootFs | undefined, folder: string): readonly StageEntry[] {
  try {
    const path = rootFs?.resolve(folder, { followLast: true }).path;
    if (rootFs === undefined || path === undefined) return [];
    return rootFs.children(path).map(({ path: child }) => ({
      name: child.slice(child.lastIndexOf('/') + 1),
      isFolder: rootFs.stat(child)?.entry.type === 'directory',
    }));
  } catch (error) {
    if (isEngineError(error, 'INVALID_INPUT')) return [];
    throw error;
  }
}

/** The first names of the paths below a folder: those that end there (`true`), go on, or both. */
function namesBelow(paths: readonly string[], folder: string, ends: boolean | undefined): readonly string[] {
  const lead = folder === '/' ? '/' : `${folder}/`;
  return paths.flatMap((path) => {
    if (!path.startsWith(lead) || path === lead) return [];
    const [name = '', ...rest] = path.slice(lead.length).split('/');
    return name === '' || (ends !== undefined && ends !== (rest.length === 0)) ? [] : [name];
  });
}
