import type { TextEdit, TextPosition } from '../../../contract/dockerfiles-api.ts';
import { EngineError } from '../../../contract/errors.ts';
import type { Environment } from '../expand-word.ts';
import { findStage } from '../find-stage.ts';
import { readDockerfile } from '../read-dockerfile.ts';
import type { DockerfileReading } from '../read-dockerfile.ts';
import { sourceReferences } from '../source-references.ts';
import { applyEdits } from './apply-edits.ts';
import { baseStages, stageFinder } from './stage-links.ts';
import { stageMentions } from './stage-mentions.ts';
import { stageMentionAt, stageSymbolAt } from './symbol-at.ts';

const NAME = /^[a-z][a-z0-9-_.]*$/i;
const RESERVED = ['scratch', 'context'];

/**
 * The edits that give the stage at a position another name wherever it is meant by its name. INVALID_INPUT where no
 * stage is named and for a name that no stage can have; CONFLICT for one that is taken, and where the stages would
 * not be connected as they are: something means the stage in a way that no edit reaches.
 */
export function renameStage(
  text: string,
  reading: DockerfileReading,
  { position, name, globals }: { position: TextPosition; name: string; globals: Environment },
): readonly TextEdit[] {
  const symbol = stageSymbolAt(reading, position);
  if (symbol === undefined) {
    throw new EngineError('INVALID_INPUT', 'there is no stage at this place', {
      hint: 'Choose a name after AS, FROM or --from=.',
    });
  }
  if (!symbol.canRename) {
    throw new EngineError('INVALID_INPUT', `stage ${symbol.name} has no name`, {
      hint: 'Give it one with AS after its FROM.',
      location: symbol.definition,
    });
  }
  checkName(reading, symbol.name, name);
  const edits = editsAt(reading, position, name);
  checkLinks(reading, readDockerfile(applyEdits(text, edits), reading.dockerfile.file), globals, name);
  return edits;
}

function checkName({ dockerfile }: DockerfileReading, current: string, name: string): void {
  if (!NAME.test(name)) {
    throw new EngineError('INVALID_INPUT', `${JSON.stringify(name)} cannot be the name of a stage`, {
      hint: 'A name starts with a letter; letters, digits, "-", "_" and "." may follow.',
    });
  }
  const lower = name.toLowerCase();
  if (RESERVED.includes(lower)) {
    throw new EngineError('INVALID_INPUT', `${name} is a reserved name`, { hint: 'Choose another one.' });
  }
  const taken = lower === current.toLowerCase() ? undefined : findStage(dockerfile.stages, lower);
  if (taken === undefined) return;
  throw new EngineError('CONFLICT', `there is a stage ${name} already`, {
    hint: 'Choose another name.',
    location: taken.from.location,
  });
}

/** FROM finds a stage only by its name in lower case. */
function editsAt(reading: DockerfileReading, position: TextPosition, name: string): readonly TextEdit[] {
  const all = stageMentions(reading);
  const here = stageMentionAt(all, position);
  return all
    .filter(({ stage, byName }) => stage === here?.stage && byName)
    .map(({ location, role }) => ({ location, text: role === 'base' ? name.toLowerCase() : name }));
}

/** Which stage each FROM, COPY and mount means, by its index. */
function linksOf({ dockerfile }: DockerfileReading, globals: Environment): string {
  const find = stageFinder(dockerfile);
  const froms = dockerfile.stages.map((stage) =>
    stage.instructions.map((instruction) =>
      sourceReferences(instruction).map(({ from }) => find(instruction.kind, from)?.index ?? from),
    ),
  );
  return JSON.stringify([baseStages(dockerfile, globals), froms]);
}

function checkLinks(
  before: DockerfileReading,
  after: DockerfileReading,
  globals: Environment,
  name: string,
): void {
  if (linksOf(before, globals) === linksOf(after, globals)) return;
  throw new EngineError('CONFLICT', `as ${name} the stage would be another one's base or source`, {
    hint: 'An image has this name, two stages share the old one, or a variable holds it.',
  });
}
