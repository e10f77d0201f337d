import type { Hover, TextPosition } from '../../contract/dockerfiles-api.ts';
import { expandWord } from '../dockerfile/expand-word.ts';
import { isEngineError } from '../../contract/errors.ts';
import { DIRECTIVE_DOCS } from '../dockerfile/language/directive-docs.ts';
import { FLAG_DOCS } from '../dockerfile/language/flag-docs.ts';
import { INSTRUCTION_DOCS, type Doc } from '../dockerfile/language/instruction-docs.ts';
import { baseName } from '../dockerfile/language/stage-links.ts';
import { stageOnLine } from '../dockerfile/language/stage-chain.ts';
import { subjectAt, type Subject } from '../dockerfile/language/subject-at.ts';
import { valuesOf } from '../dockerfile/language/variables-in-scope.ts';
import { hoverImage } from './hover-image.ts';
import { hoverSource } from './hover-source.ts';
import { hoverStage } from './hover-stage.ts';
import type { HoverText } from './hover-text.ts';
import { hoverVariable } from './hover-variable.ts';
import type { Question } from './question.ts';

/** See the contract's `dockerfiles.hover`. */
export async function hover(question: Question, position: TextPosition): Promise<Hover | null> {
  const subject = subjectAt(question.reading, position);
  if (subject === undefined) return null;
  return { location: subject.location, ...(await describe(question, subject)) };
}

function describe(question: Question, subject: Subject): HoverText | Promise<HoverText> {
  const { dockerfile } = question.reading;
  switch (subject.kind) {
    case 'directive':
      return fromDoc(`# ${subject.directive}`, DIRECTIVE_DOCS[subject.directive]);
    case 'instruction':
      return fromDoc(subject.instruction.toUpperCase(), INSTRUCTION_DOCS[subject.instruction]);
    case 'flag':
      return fromDoc(`--${subject.flag}`, FLAG_DOCS[subject.instruction]?.[subject.flag]);
    case 'variable':
      return hoverVariable(question, subject.mention);
    case 'stage':
      return hoverStage(question, subject.stage);
    case 'base': {
      const stage = dockerfile.stages.find(({ from }) => from === subject.from);
      const name = stage === undefined ? '' : baseName(dockerfile, stage, question.globalValues());
      return hoverImage(question, name);
    }
    case 'image':
      return hoverImage(question, subject.name);
    case 'source':
      return hoverSourceOf(question, subject.path, subject.location.line);
  }
}

function fromDoc(title: string, doc: Doc | undefined): HoverText {
  if (doc === undefined) return { title, text: [], facts: [] };
  return { title, syntax: doc.syntax, text: [...doc.text], facts: [], url: doc.url };
}

/** The path with its variables replaced; as written where they cannot be. */
async function hoverSourceOf(question: Question, path: string, line: number): Promise<HoverText> {
  const { dockerfile } = question.reading;
  const stage = stageOnLine(dockerfile, line);
  const values =
    stage === undefined ? new Map<string, string>() : valuesOf(await question.variables(stage, line));
  try {
    return await hoverSource(question, expandWord(path, values, { escape: dockerfile.escape }));
  } catch (error) {
    if (isEngineError(error, 'DOCKERFILE')) return hoverSource(question, path);
    throw error;
  }
}
