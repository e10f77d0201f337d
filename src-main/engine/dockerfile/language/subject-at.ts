import type { TextPosition } from '../../../contract/dockerfiles-api.ts';
import type { SourceLocation } from '../../../contract/errors.ts';
import type { Directive, Stage } from '../dockerfile.ts';
import type { Instruction, InstructionKind, Word } from '../instruction.ts';
import type { DockerfileReading } from '../read-dockerfile.ts';
import { FLAG_DOCS } from './flag-docs.ts';
import { INSTRUCTION_DOCS } from './instruction-docs.ts';
import { MOUNT_KEYS, mountKeyName } from './mount-docs.ts';
import { fromRange, stageMentions } from './stage-mentions.ts';
import { statementAt } from './statement-at.ts';
import { statementParts } from './statement-parts.ts';
import type { FlagPart, StatementPart } from './statement-parts.ts';
import { stageMentionAt } from './symbol-at.ts';
import { locateRange, textOf } from './text-range.ts';
import { variableMentions } from './variable-mentions.ts';
import type { VariableMention } from './variable-mentions.ts';
import { isWithin } from './within.ts';

/** What a position is about. */
export type Subject = { readonly location: SourceLocation } & (
  | { readonly kind: 'directive'; readonly directive: Directive['name'] }
  | { readonly kind: 'instruction'; readonly instruction: InstructionKind }
  | { readonly kind: 'flag'; readonly instruction: string; readonly flag: string }
  /** A field of `RUN --mount`: its key, and its value where that is one of a few. */
  | { readonly kind: 'mount'; readonly key: string; readonly value: string | undefined }
  | { readonly kind: 'variable'; readonly mention: VariableMention }
  | { readonly kind: 'stage'; readonly stage: Stage }
  /** The image of a FROM. */
  | { readonly kind: 'base'; readonly stage: Stage }
  /** An image that files are taken from. */
  | { readonly kind: 'image'; readonly name: string }
  /** A path of the stage: where COPY and ADD put things, a folder of WORKDIR or VOLUME. */
  | { readonly kind: 'stage path'; readonly path: string }
  /** A path of the build context. */
  | { readonly kind: 'source'; readonly path: string }
);

type Find = (reading: DockerfileReading, position: TextPosition) => Subject | undefined;

const findDirective: Find = ({ dockerfile }, position) => {
  const found = dockerfile.directives.find(({ location }) => location.line === position.line);
  return found && { kind: 'directive', directive: found.name, location: found.location };
};

const findVariable: Find = (reading, position) => {
  const mention = variableMentions(reading).find(({ location }) => isWithin(position, location));
  return mention && { kind: 'variable', mention, location: mention.location };
};

const findStage: Find = (reading, position) => {
  const mention = stageMentionAt(stageMentions(reading), position);
  const stage = mention && reading.dockerfile.stages[mention.stage];
  return mention && stage && { kind: 'stage', stage, location: mention.location };
};

const findBase: Find = ({ dockerfile }, position) => {
  const stage = dockerfile.stages.find(({ from }) => isWithin(position, from.image.location));
  return stage && { kind: 'base', stage, location: stage.from.image.location };
};

/** The words of an instruction that are paths of the stage. */
function stagePathsOf(instruction: Instruction): readonly Word[] {
  if (instruction.kind === 'copy' || instruction.kind === 'add') return [instruction.destination];
  if (instruction.kind === 'workdir') return [instruction.path];
  return instruction.kind === 'volume' ? instruction.paths : [];
}

const findPath: Find = ({ dockerfile }, position) => {
  for (const instruction of dockerfile.instructions) {
    if (!isWithin(position, instruction.location)) continue;
    const path = stagePathsOf(instruction).find(({ location }) => isWithin(position, location));
    if (path !== undefined) return { kind: 'stage path', path: path.text, location: path.location };
    const isCopy =
      (instruction.kind === 'copy' && instruction.from === undefined) || instruction.kind === 'add';
    const source = isCopy
      ? instruction.sources.find((each) => each.type === 'path' && isWithin(position, each.location))
      : undefined;
    return source?.type === 'path'
      ? { kind: 'source', path: source.text, location: source.location }
      : undefined;
  }
  return undefined;
};

/** The keyword, a flag, and the image that a flag names. */
const findInStatement: Find = (reading, position) => {
  const statement = statementAt(reading, position.line);
  for (const part of statement === undefined ? [] : statementParts(statement)) {
    const found = findFlag(part, position) ?? findKeyword(part, position);
    if (found !== undefined) return found;
  }
  return undefined;
};

function findKeyword(part: StatementPart, position: TextPosition): Subject | undefined {
  const location = locateRange(part.source, part.keyword);
  if (!isKind(part.name) || !isWithin(position, location)) return undefined;
  return { kind: 'instruction', instruction: part.name, location };
}

function isKind(name: string): name is InstructionKind {
  return Object.hasOwn(INSTRUCTION_DOCS, name);
}

function findFlag(part: StatementPart, position: TextPosition): Subject | undefined {
  const at = part.flags.find(({ whole }) => isWithin(position, locateRange(part.source, whole)));
  if (at === undefined) return undefined;
  const from = fromRange(part, at);
  if (from !== undefined && isWithin(position, locateRange(part.source, from))) {
    return { kind: 'image', name: textOf(part.source, from), location: locateRange(part.source, from) };
  }
  if (FLAG_DOCS[part.name]?.[at.flag.name] === undefined) return undefined;
  const field = at.flag.name === 'mount' ? findMountField(part, at, position) : undefined;
  if (field !== undefined) return field;
  return {
    kind: 'flag',
    instruction: part.name,
    flag: at.flag.name,
    location: locateRange(part.source, at.whole),
  };
}

function findMountField(
  part: StatementPart,
  { value }: FlagPart,
  position: TextPosition,
): Subject | undefined {
  if (value === undefined) return undefined;
  for (const match of textOf(part.source, value).matchAll(/[^,"']+/g)) {
    const start = value.start + match.index;
    const location = locateRange(part.source, { start, end: start + match[0].length });
    const [written = '', setting] = match[0].split('=');
    const key = mountKeyName(written);
    if (!isWithin(position, location) || MOUNT_KEYS[key] === undefined) continue;
    return { kind: 'mount', key, value: setting, location };
  }
  return undefined;
}

const FINDS: readonly Find[] = [findDirective, findVariable, findStage, findBase, findInStatement, findPath];

/** What the word at a position means, as far as the text alone tells. */
export function subjectAt(reading: DockerfileReading, position: TextPosition): Subject | undefined {
  for (const find of FINDS) {
    const subject = find(reading, position);
    if (subject !== undefined) return subject;
  }
  return undefined;
}
