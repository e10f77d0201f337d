import type { OutlineStage } from '../../../contract/dockerfiles-api.ts';
import type { SourceLocation } from '../../../contract/errors.ts';
import type { Stage } from '../dockerfile.ts';
import type { DockerfileReading } from '../read-dockerfile.ts';
import type { Statement } from '../statement.ts';
import { trimSpace } from '../white-space.ts';

/** The statements of one stage; those before the first FROM have no stage. */
interface Section {
  readonly stage: Stage | undefined;
  readonly statements: Statement[];
}

function sectionsOf({ dockerfile, statements }: DockerfileReading): readonly Section[] {
  const opened = new Map(dockerfile.stages.map((stage) => [stage.from.keyword, stage]));
  const sections: Section[] = [];
  for (const statement of statements) {
    const stage = opened.get(statement.base.keyword);
    if (stage !== undefined || sections.length === 0) sections.push({ stage, statements: [] });
    sections.at(-1)?.statements.push(statement);
  }
  return sections;
}

function oneLine({ base }: Statement): string {
  const head = base.original.indexOf(base.keyword.text) + base.keyword.text.length;
  return trimSpace(base.original.slice(head)).replace(/[\t ]+/g, ' ');
}

function spanOf(statements: readonly Statement[]): SourceLocation | undefined {
  const [first, last] = [statements[0]?.base.location, statements.at(-1)?.base.location];
  return first && last && { ...first, endLine: last.endLine, endColumn: last.endColumn };
}

function outlineOf({ stage, statements }: Section, needed: ReadonlySet<number>): OutlineStage | undefined {
  const location = spanOf(statements);
  if (location === undefined) return undefined;
  const as = stage?.from.as?.name;
  const instructions = statements.map((statement) => ({
    keyword: statement.base.keyword.text.toUpperCase(),
    detail: oneLine(statement),
    location: statement.base.location,
  }));
  return {
    ...(stage === undefined ? {} : { index: stage.index, base: stage.from.image.text }),
    ...(as === undefined ? {} : { name: as.text }),
    location,
    selection: as?.location ?? statements[0]?.base.keyword.location ?? location,
    needed: stage === undefined || needed.has(stage.index),
    instructions,
  };
}

/** A file by its stages, with every statement, also one that does not parse. */
export function outline(reading: DockerfileReading, needed: ReadonlySet<number>): OutlineStage[] {
  return sectionsOf(reading).flatMap((section) => outlineOf(section, needed) ?? []);
}
