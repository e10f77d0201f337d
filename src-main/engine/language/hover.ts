import type { Hover, TextPosition } from '../../contract/dockerfiles-api.ts';
import type { Stage } from '../dockerfile/dockerfile.ts';
import { DIRECTIVE_DOCS } from '../dockerfile/language/directive-docs.ts';
import { FLAG_DOCS } from '../dockerfile/language/flag-docs.ts';
import { INSTRUCTION_DOCS, referenceUrl, type Doc } from '../dockerfile/language/instruction-docs.ts';
import { MOUNT_KEYS, MOUNT_TYPES } from '../dockerfile/language/mount-docs.ts';
import { baseName, basePlatform } from '../dockerfile/language/stage-links.ts';
import { subjectAt, type Subject } from '../dockerfile/language/subject-at.ts';
import { hoverImage } from './hover-image.ts';
import { hoverSource } from './hover-source.ts';
import { expandedAt, hoverStagePath } from './hover-stage-path.ts';
import { hoverStage } from './hover-stage.ts';
import type { HoverText } from './hover-text.ts';
import { hoverVariable } from './hover-variable.ts';
import type { Question } from './question.ts';

const MOUNT_TYPE_NAMES = Object.keys(MOUNT_TYPES) as (keyof typeof MOUNT_TYPES)[];

/** See the contract's `dockerfiles.hover`. */
export async function hover(question: Question, position: TextPosition): Promise<Hover | null> {
  const subject = subjectAt(question.reading, position);
  if (subject === undefined) return null;
  return { location: subject.location, ...(await describe(question, subject)) };
}

async function describe(question: Question, subject: Subject): Promise<HoverText> {
  switch (subject.kind) {
    case 'directive':
      return fromDoc(`# ${subject.directive}`, DIRECTIVE_DOCS[subject.directive]);
    case 'instruction':
      return fromDoc(subject.instruction.toUpperCase(), INSTRUCTION_DOCS[subject.instruction]);
    case 'flag':
      return fromDoc(`--${subject.flag}`, FLAG_DOCS[subject.instruction]?.[subject.flag]);
    case 'mount':
      return fromMount(subject.key, subject.value);
    case 'variable':
      return hoverVariable(question, subject.mention);
    case 'stage':
      return hoverStage(question, subject.stage);
    case 'base':
      return hoverBase(question, subject.stage);
    case 'image':
      return hoverImage(subject.name, question.store, await question.image(subject.name));
    case 'stage path':
      return hoverStagePath(question, subject.path, subject.location.line);
    case 'source': {
      const path = await expandedAt(question, subject.path, subject.location.line);
      return hoverSource(question, path);
    }
  }
}

async function hoverBase(question: Question, stage: Stage): Promise<HoverText> {
  const { dockerfile } = question.reading;
  const globals = question.globalValues();
  const name = baseName(dockerfile, stage, globals);
  const known = await question.image(name, basePlatform(dockerfile, stage, globals));
  return hoverImage(name, question.store, known);
}

function fromDoc(title: string, doc: Doc | undefined): HoverText {
  if (doc === undefined) return { title, text: [], facts: [] };
  return { title, syntax: doc.syntax, text: [...doc.text], facts: [], url: doc.url };
}

function fromMount(key: string, value: string | undefined): HoverText {
  const type = MOUNT_TYPE_NAMES.find((name) => key === 'type' && name === value);
  return {
    title: type === undefined ? key : `type=${type}`,
    text: [type === undefined ? (MOUNT_KEYS[key]?.text ?? '') : MOUNT_TYPES[type]],
    facts: [],
    url: referenceUrl(type === undefined ? 'run---mount' : `run---mounttype${type}`),
  };
}
