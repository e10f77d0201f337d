import { isEngineError } from '../../contract/errors.ts';
import { expandOr } from '../dockerfile/language/expand-or.ts';
import { stageOnLine } from '../dockerfile/language/stage-chain.ts';
import { absolutePath } from '../dockerfile/language/stage-paths.ts';
import { valuesOf } from '../dockerfile/language/variables-in-scope.ts';
import type { RootFsNode } from '../filetree/root-fs.ts';
import { formatBytes } from './format-bytes.ts';
import type { HoverText } from './hover-text.ts';
import type { Question } from './question.ts';
import { stageFiles, type StageFiles } from './stage-files.ts';

/** A path with its variables replaced as on that line; as written where they cannot be. */
export async function expandedAt(question: Question, path: string, line: number): Promise<string> {
  const { dockerfile } = question.reading;
  const stage = stageOnLine(dockerfile, line);
  const values =
    stage === undefined ? new Map<string, string>() : valuesOf(await question.variables(stage, line));
  return expandOr(path, values, dockerfile.escape, path);
}

function nodeAt({ rootFs }: StageFiles, path: string): RootFsNode | undefined {
  try {
    return rootFs?.stat(path);
  } catch (error) {
    if (isEngineError(error, 'INVALID_INPUT')) return undefined;
    throw error;
  }
}

/** A path of the stage: where it leads, and what the base image has there. */
export async function hoverStagePath(question: Question, path: string, line: number): Promise<HoverText> {
  const written = await expandedAt(question, path, line);
  const stage = stageOnLine(question.reading.dockerfile, line);
  if (stage === undefined) return { title: written, text: [], facts: [] };
  const files = await stageFiles(question, stage, line);
  const absolute = absolutePath(written, files.own.workdir);
  const node = nodeAt(files, absolute);
  const from = { name: 'From', value: `the working folder ${files.own.workdir}` };
  const there = node?.entry.type === 'directory' ? 'a folder' : formatBytes(node?.entry.sizeBytes ?? 0);
  return {
    title: absolute,
    text: [],
    facts: [
      ...(written.startsWith('/') ? [] : [from]),
      ...(node === undefined ? [] : [{ name: 'In the base image', value: there }]),
    ],
  };
}
