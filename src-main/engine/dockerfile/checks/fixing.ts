import type { Fix, SourceLocation } from '../../../contract/errors.ts';
import type { Dockerfile, Stage } from '../dockerfile.ts';
import { stageMentions } from '../language/stage-mentions.ts';
import type { StageMention } from '../language/stage-mentions.ts';
import { variableMentions } from '../language/variable-mentions.ts';
import type { VariableMention } from '../language/variable-mentions.ts';
import { isWithin } from '../language/within.ts';
import type { DockerfileReading } from '../read-dockerfile.ts';

type Edit = Fix['edits'][number];

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** What fixes are made of. What it needs to know of the whole file it works out once, when it is first asked. */
export class Fixing {
  private readonly reading: DockerfileReading;
  private mentions: ReadonlyMap<number, readonly StageMention[]> | undefined;
  private uses: ReadonlyMap<number, readonly VariableMention[]> | undefined;
  private names: Set<string> | undefined;
  private ending: string | undefined;

  constructor(reading: DockerfileReading) {
    this.reading = reading;
  }

  get dockerfile(): Dockerfile {
    return this.reading.dockerfile;
  }

  /** The text of a line; '' when there is none. */
  textOf(line: number): string {
    return this.reading.lines[line - 1]?.text ?? '';
  }

  /** A line of its own above the one that `location` starts in. */
  insertAbove({ file, line }: SourceLocation, text: string): Edit {
    this.ending ??= this.reading.lines.find(({ ending }) => ending !== '')?.ending ?? '\n';
    return { location: { file, line, column: 1, endLine: line, endColumn: 1 }, text: text + this.ending };
  }

  /** Takes the lines of a range away. */
  removeLines({ file, line, endLine }: SourceLocation): Edit {
    return { location: { file, line, column: 1, endLine: endLine + 1, endColumn: 1 }, text: '' };
  }

  /** Takes a word away, with the white space after it or, at a line's end, before it. */
  removeWord(location: SourceLocation): Edit {
    const line = this.textOf(location.endLine);
    const after = /^\s*/.exec(line.slice(location.endColumn - 1))?.[0].length ?? 0;
    const endColumn = location.endColumn + after;
    if (endColumn <= line.length) return { location: { ...location, endColumn }, text: '' };
    const before = /\s*$/.exec(this.textOf(location.line).slice(0, location.column - 1))?.[0].length ?? 0;
    return { location: { ...location, column: location.column - before }, text: '' };
  }

  /** Everything that means a stage by its name, its definition included. */
  mentionsOf(stage: Stage): readonly StageMention[] {
    this.mentions ??= grouped(stageMentions(this.reading), (mention) => mention.stage);
    return this.mentions.get(stage.index)?.filter(({ byName }) => byName) ?? [];
  }

  /** Gives a stage another name wherever it is meant by its name. */
  rename(stage: Stage, name: string): readonly Edit[] {
    return this.mentionsOf(stage).map(({ location }) => ({ location, text: name }));
  }

  /** The name if no stage has it and no fix was offered it, else `name-2` and so on. */
  freeName(name: string): string {
    this.names ??= new Set(this.dockerfile.stages.flatMap((stage) => stage.name ?? []));
    let free = name;
    for (let number = 2; this.names.has(free); number += 1) free = `${name}-${number}`;
    this.names.add(free);
    return free;
  }

  /** Reads another variable wherever a range reads the one of that name. */
  renameVariable(range: SourceLocation, name: string, other: string): readonly Edit[] {
    return this.usesOf(range, name).map((location) => ({ location, text: other }));
  }

  /** Where a range reads a variable: the name alone. */
  usesOf(range: SourceLocation, name: string): readonly SourceLocation[] {
    this.uses ??= grouped(
      variableMentions(this.reading).filter(({ role }) => role === 'use'),
      ({ location }) => location.line,
    );
    const lines = Array.from({ length: range.endLine - range.line + 1 }, (_, i) => range.line + i);
    return lines
      .flatMap((line) => this.uses?.get(line) ?? [])
      .filter((use) => use.name === name && isWithin(use.location, range))
      .map(({ location }) => location);
  }

  /** The part of a range that is `text`, when the range begins with it; else the range. */
  startOf(range: SourceLocation, text: string): SourceLocation {
    if (!this.textOf(range.line).startsWith(text, range.column - 1)) return range;
    return { ...range, endLine: range.line, endColumn: range.column + text.length };
  }
}
