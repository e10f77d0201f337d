import type { Completion, TextPosition } from '../../contract/dockerfiles-api.ts';
import type { EngineApi } from '../../contract/engine-api.ts';
import { completeFlags, completeWords } from '../dockerfile/language/complete-words.ts';
import type { Slot } from '../dockerfile/language/slot.ts';
import { slotAt } from '../dockerfile/language/slot-at.ts';
import { stageOnLine } from '../dockerfile/language/stage-chain.ts';
import { completeBases } from './complete-bases.ts';
import { completeOwners } from './complete-owners.ts';
import { completeFolders, completeSources } from './complete-paths.ts';
import { completeVariables } from './complete-variables.ts';
import type { Question } from './question.ts';
import { rankCompletions } from './rank-completions.ts';

type Answer = Awaited<ReturnType<EngineApi['dockerfiles']['complete']>>;

/** See the contract's `dockerfiles.complete`. */
export async function complete(question: Question, position: TextPosition): Promise<Answer> {
  const slot = slotAt(question.reading, position);
  const { file } = question.reading.dockerfile;
  if (slot === undefined) {
    const here = { ...position, endLine: position.line, endColumn: position.column };
    return { replace: { file, ...here }, items: [], incomplete: false };
  }
  const items = [...(await itemsFor(question, slot, position.line)), ...completeFlags(slot)];
  return { replace: slot.replace, ...rankCompletions(items, slot.typed) };
}

async function itemsFor(question: Question, slot: Slot, line: number): Promise<readonly Completion[]> {
  const { want, next } = slot;
  const stage = stageOnLine(question.reading.dockerfile, line);
  switch (want.kind) {
    case 'base':
      return completeBases(question, want.by, { line, typed: slot.typed });
    case 'source':
      return completeSources(question, want);
    case 'variable': {
      const isGlobal = want.scope === 'global' || stage === undefined;
      const variables = isGlobal ? question.globals(line) : await question.variables(stage, line);
      return completeVariables(variables, want, next);
    }
    case 'argument name':
      return [...redeclared(question, stage !== undefined), ...words(question, slot, line)];
    case 'folder':
      return stage === undefined ? [] : completeFolders(question, stage, want.typed, line);
    case 'path': {
      const folders = stage === undefined ? [] : await completeFolders(question, stage, want.typed, line);
      return [...folders, ...(await completeSources(question, want))];
    }
    case 'owner':
      return stage === undefined ? [] : completeOwners(question, stage, want.part, line);
    default:
      return words(question, slot, line);
  }
}

function words({ reading }: Question, slot: Slot, line: number): readonly Completion[] {
  const other = reading.statements.find(({ base }) => base.location.line !== line);
  const keyword = other?.base.keyword.text ?? '';
  const isLower = keyword !== '' && keyword === keyword.toLowerCase();
  return completeWords(slot, { isLower, isGlobal: stageOnLine(reading.dockerfile, line) === undefined });
}

/** The global arguments, which a stage sees after an ARG with their name. */
function redeclared(question: Question, isInStage: boolean): readonly Completion[] {
  if (!isInStage) return [];
  const globals = Array.from(question.globals().values()).filter(({ location }) => location !== undefined);
  return completeVariables(
    new Map(globals.map((variable) => [variable.name, variable])),
    { braces: false, environmentOnly: false },
    '',
  );
}
