import { EngineError } from '../../contract/errors.ts';
import { checkLineLengths } from './check-line-lengths.ts';
import { scanDirectives } from './directives.ts';
import { dockerfileError } from './dockerfile-error.ts';
import type { Dockerfile, Stage } from './dockerfile.ts';
import type { ArgInstruction, Instruction, StageInstruction } from './instruction.ts';
import { parseInstruction } from './parse-instruction.ts';
import { readStatements } from './read-statements.ts';
import { splitLines } from './scan-lines.ts';
import type { Line } from './scan-lines.ts';
import type { Statement } from './statement.ts';

/** What could be read of a Dockerfile, and everything that is wrong with it. */
export interface DockerfileReading {
  /** All lines, and the statements that they make, well-formed or not. */
  readonly lines: readonly Line[];
  readonly statements: readonly Statement[];
  /** Without the instructions that have errors. */
  readonly dockerfile: Dockerfile;
  /** In the order of the file. */
  readonly errors: readonly EngineError[];
}

interface OpenStage extends Stage {
  readonly instructions: StageInstruction[];
}

/** Sorts instructions into global arguments and stages. */
class StageCollector {
  readonly globalArgs: ArgInstruction[] = [];
  readonly stages: OpenStage[] = [];
  readonly instructions: Instruction[] = [];
  readonly errors: EngineError[] = [];
  private sawFrom = false;

  /** A FROM that does not parse still ends what comes before it. */
  noteStatement(statement: Statement): void {
    this.sawFrom ||= statement.name === 'from';
  }

  add(instruction: Instruction): void {
    this.instructions.push(instruction);
    if (instruction.kind === 'from') this.openStage(instruction);
    else if (!this.sawFrom) this.addBeforeFrom(instruction);
    else this.stages.at(-1)?.instructions.push(instruction);
  }

  private openStage(from: Stage['from']): void {
    this.stages.push({ index: this.stages.length, name: from.stageName, from, instructions: [] });
  }

  private addBeforeFrom(instruction: StageInstruction): void {
    if (instruction.kind === 'arg') {
      this.globalArgs.push(instruction);
      return;
    }
    const { text, location } = instruction.keyword;
    const hint = 'Only ARG may stand before the first FROM.';
    this.errors.push(
      dockerfileError(`no build stage yet: ${text} stands before the first FROM`, location, hint),
    );
  }

  requireFrom(file: string, isEmpty: boolean): void {
    if (this.sawFrom || this.errors.length > 0) return;
    const location = { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
    const message = isEmpty ? 'the file has no instructions' : 'the file has no build stage';
    this.errors.push(dockerfileError(message, location, 'Start with FROM and an image, or FROM scratch.'));
  }
}

function tryParse(statement: Statement): Instruction | EngineError {
  try {
    return parseInstruction(statement);
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
}

function byPlace(a: EngineError, b: EngineError): number {
  const [first, second] = [a.location, b.location];
  return (first?.line ?? 0) - (second?.line ?? 0) || (first?.column ?? 0) - (second?.column ?? 0);
}

/** Reads all of a Dockerfile, whatever is wrong with it. Never throws; time grows linearly with the text. */
export function readDockerfile(text: string, file: string): DockerfileReading {
  const lines = splitLines(text);
  const scan = scanDirectives(lines, file);
  const directiveLines = scan.directives.length + scan.errors.length;
  const { statements, errors } = readStatements(lines, directiveLines, scan.escape, file);
  const collector = new StageCollector();
  for (const statement of statements) {
    collector.noteStatement(statement);
    const parsed = tryParse(statement);
    if (parsed instanceof EngineError) collector.errors.push(parsed);
    else collector.add(parsed);
  }
  collector.requireFrom(file, statements.length === 0);
  const { globalArgs, stages, instructions } = collector;
  const dockerfile = {
    file,
    escape: scan.escape,
    directives: scan.directives,
    globalArgs,
    stages,
    instructions,
  };
  return {
    lines,
    statements,
    dockerfile,
    errors: [...checkLineLengths(lines, file), ...scan.errors, ...errors, ...collector.errors].toSorted(
      byPlace,
    ),
  };
}
