import type { Completion } from '../../contract/dockerfiles-api.ts';
import type { Stage } from '../dockerfile/dockerfile.ts';
import { findCopySource } from '../dockerfile/find-stage.ts';
import { absolutePath } from '../dockerfile/language/stage-paths.ts';
import type { SourceWant } from '../dockerfile/language/slot.ts';
import { listContextFolder } from './context-folder.ts';
import type { Question } from './question.ts';
import { listStageFolder, rootFsOf, stageFiles } from './stage-files.ts';

interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
}

/** The folder part of a path that is being written, with its slash. */
function folderOf(typed: string): string {
  return typed.slice(0, typed.lastIndexOf('/') + 1);
}

/** In a pattern, `[` begins a set. */
function toItem({ name, isFolder }: Entry, isPattern: boolean): Completion {
  const written = isPattern ? name.replace(/\[/g, '[[]') : name;
  const label = isFolder ? `${name}/` : name;
  return {
    kind: isFolder ? 'folder' : 'file',
    label,
    insert: isFolder ? `${written}/` : written,
    continues: isFolder,
  };
}

/** Hidden entries come last. Where a blank would end the path, names with one are left out. */
function toItems(entries: readonly Entry[], isQuoted: boolean, isPattern: boolean): Completion[] {
  const usable = entries.filter(({ name }) => isQuoted || !/[\s$"'\\]/.test(name));
  const hidden = usable.filter(({ name }) => name.startsWith('.'));
  const plain = usable.filter(({ name }) => !name.startsWith('.'));
  return [...plain, ...hidden].map((entry) => toItem(entry, isPattern));
}

/** Paths that COPY and ADD can take: of the build context, or of a stage or image. One folder at a time. */
export async function completeSources(
  question: Question,
  { from, typed, isQuoted }: SourceWant,
): Promise<Completion[]> {
  const folder = folderOf(typed);
  if (from === undefined) return contextItems(question, folder, isQuoted);
  const { stages } = question.reading.dockerfile;
  const stage = findCopySource(stages, from);
  const files =
    stage === undefined
      ? { rootFs: await rootFsOf(question, await question.image(from)) }
      : await stageFiles(question, stage, Infinity);
  question.checkSignal();
  return toItems(listStageFolder(files, absolutePath(folder, '/')), isQuoted, true);
}

async function contextItems(question: Question, folder: string, isQuoted: boolean): Promise<Completion[]> {
  const { context, reading } = question;
  if (context === undefined) return [];
  const entries = await listContextFolder(context, reading.dockerfile.file, folder);
  question.checkSignal();
  const items = toItems(entries, isQuoted, true);
  const documentation = 'Everything in the build context that the ignore file leaves in.';
  const all: Completion = { kind: 'folder', label: '.', insert: '.', documentation, continues: false };
  return folder === '' ? [...items, all] : items;
}

/** Folders of the stage, from its working folder where the path is relative. */
export async function completeFolders(
  question: Question,
  stage: Stage,
  typed: string,
  line: number,
): Promise<Completion[]> {
  const files = await stageFiles(question, stage, line);
  question.checkSignal();
  const folder = folderOf(typed);
  const { workdir } = files.own;
  const entries = listStageFolder(files, absolutePath(folder, workdir)).filter(({ isFolder }) => isFolder);
  const items = toItems(entries, false, false);
  return folder === '' ? [...firstFolders(workdir), ...items.map(rooted(workdir))] : items;
}

/** Before a slash is written: here, and the root's folders as absolute paths. */
function firstFolders(workdir: string): Completion[] {
  const here = { kind: 'folder', label: './', insert: './', detail: workdir, continues: false } as const;
  const root = { kind: 'folder', label: '/', insert: '/', detail: 'the root', continues: true } as const;
  const absolute =
    workdir === '/' ? [] : [{ ...here, label: `${workdir}/`, insert: `${workdir}/`, detail: 'WORKDIR' }];
  return [here, ...absolute, root];
}

/** At the root a folder is clearer as an absolute path. */
function rooted(workdir: string): (item: Completion) => Completion {
  if (workdir !== '/') return (item) => item;
  return (item) => ({ ...item, label: `/${item.label}`, insert: `/${item.insert}` });
}
