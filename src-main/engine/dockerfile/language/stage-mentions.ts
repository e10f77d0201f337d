import type { SourceLocation } from '../../../contract/errors.ts';
import type { Stage } from '../dockerfile.ts';
import type { DockerfileReading } from '../read-dockerfile.ts';
import { stageFinder } from './stage-links.ts';
import type { FindStage } from './stage-links.ts';
import { statementParts } from './statement-parts.ts';
import type { FlagPart, StatementPart } from './statement-parts.ts';
import { locateRange, textOf } from './text-range.ts';
import type { TextRange } from './text-range.ts';

/** A place that means a stage. */
export interface StageMention {
  readonly stage: number;
  readonly location: SourceLocation;
  /** `base`: FROM builds on it; `from`: files are taken from it. */
  readonly role: 'definition' | 'base' | 'from';
  /** False where the stage is meant by its number, or has no name and stands for its FROM. */
  readonly byName: boolean;
}

/** The characters of a flag that are `value`, without the quotes around. */
function insideQuotes(part: StatementPart, written: TextRange, value: string): TextRange {
  const at = textOf(part.source, written).indexOf(value);
  return at < 0 ? written : { start: written.start + at, end: written.start + at + value.length };
}

/** The name after `from=` in a mount. */
export function mountFromRange(part: StatementPart, { flag, value }: FlagPart): TextRange | undefined {
  if (flag.name !== 'mount' || value === undefined) return undefined;
  const [all, lead, name] = /(^|[,"'])from=([^,"']+)/i.exec(textOf(part.source, value)) ?? [];
  if (all === undefined || lead === undefined || name === undefined) return undefined;
  const start = value.start + textOf(part.source, value).indexOf(all) + all.length - name.length;
  return { start, end: start + name.length };
}

/** The name that `COPY --from` or a mount's `from` gives, and where it stands. */
export function fromRange(part: StatementPart, flagPart: FlagPart): TextRange | undefined {
  if (part.name === 'run') return mountFromRange(part, flagPart);
  const { flag, value } = flagPart;
  if (part.name !== 'copy' || flag.name !== 'from' || value === undefined || !flag.value) return undefined;
  return insideQuotes(part, value, flag.value);
}

function fromMentions(part: StatementPart, find: FindStage): readonly StageMention[] {
  return part.flags.flatMap((flagPart) => {
    const range = fromRange(part, flagPart);
    const name = range && textOf(part.source, range);
    const stage = name === undefined ? undefined : find(part.name, name);
    if (range === undefined || name === undefined || stage === undefined) return [];
    const byName = stage.name === name.toLowerCase();
    return [{ stage: stage.index, location: locateRange(part.source, range), role: 'from' as const, byName }];
  });
}

/** What FROM says: the stage under it, if that is named outright, and the stage that it opens. */
function openingMentions(stage: Stage, base: number | undefined): readonly StageMention[] {
  const { image, as, keyword } = stage.from;
  const definition: StageMention = {
    stage: stage.index,
    location: as?.name.location ?? keyword.location,
    role: 'definition',
    byName: as !== undefined,
  };
  if (base === undefined) return [definition];
  const onBase: StageMention = { stage: base, location: image.location, role: 'base', byName: true };
  return as === undefined ? [definition, onBase] : [onBase, definition];
}

/** Every place of a file that means one of its stages, in the order of the file. */
export function stageMentions({ dockerfile, statements }: DockerfileReading): readonly StageMention[] {
  const opened = new Map(dockerfile.stages.map((stage) => [stage.from.keyword, stage]));
  const find = stageFinder(dockerfile);
  const above = new Map<string, number>();
  return statements.flatMap((statement) => {
    const stage = opened.get(statement.base.keyword);
    if (stage === undefined) return fromMentions(statementParts(statement)[0], find);
    const mentions = openingMentions(stage, above.get(stage.from.image.text));
    if (stage.name !== undefined) above.set(stage.name, stage.index);
    return mentions;
  });
}
