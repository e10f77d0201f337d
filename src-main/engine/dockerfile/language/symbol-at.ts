import type { DockerfileSymbol, TextPosition } from '../../../contract/dockerfiles-api.ts';
import type { SourceLocation } from '../../../contract/errors.ts';
import type { Environment } from '../expand-word.ts';
import type { DockerfileReading } from '../read-dockerfile.ts';
import { baseStages } from './stage-links.ts';
import { stageMentions } from './stage-mentions.ts';
import type { StageMention } from './stage-mentions.ts';
import { GLOBAL_SCOPE, variableMentions } from './variable-mentions.ts';
import type { VariableMention } from './variable-mentions.ts';
import { isWithin } from './within.ts';

/** The stage or variable that is named at a position. `globals` are the values that FROM sees. */
export function symbolAt(
  reading: DockerfileReading,
  position: TextPosition,
  globals: Environment,
): DockerfileSymbol | undefined {
  return stageSymbolAt(reading, position) ?? variableSymbolAt(reading, position, globals);
}

/** The stage that is meant at a position, by name or by number. */
export function stageSymbolAt(
  reading: DockerfileReading,
  position: TextPosition,
): DockerfileSymbol | undefined {
  const all = stageMentions(reading);
  const here = stageMentionAt(all, position);
  if (here === undefined) return undefined;
  const { name, from } = reading.dockerfile.stages[here.stage] ?? {};
  const mentions = all.filter(({ stage }) => stage === here.stage);
  const definition = mentions.find(({ role }) => role === 'definition')?.location;
  return {
    kind: 'stage',
    name: from?.as?.name.text ?? String(here.stage),
    location: here.location,
    ...(definition === undefined ? {} : { definition }),
    mentions: mentions.map(({ location }) => location),
    canRename: name !== undefined,
  };
}

/** The FROM of a stage without a name is where it is defined; the word itself means the instruction. */
export function stageMentionAt(
  mentions: readonly StageMention[],
  position: TextPosition,
): StageMention | undefined {
  return mentions.find(
    ({ location, role, byName }) => isWithin(position, location) && (byName || role !== 'definition'),
  );
}

function variableSymbolAt(
  reading: DockerfileReading,
  position: TextPosition,
  globals: Environment,
): DockerfileSymbol | undefined {
  const all = variableMentions(reading);
  const here = all.find(({ location }) => isWithin(position, location));
  if (here === undefined) return undefined;
  const same = all.filter(({ name }) => name === here.name);
  const bases = baseStages(reading.dockerfile, globals);
  const owners = ownersOf(same, bases, globals.has(here.name));
  const owner = ownerOf(owners, here.scope);
  const mentions = same.filter(({ scope }) => ownerOf(owners, scope) === owner);
  const definition = definitionOf(here, mentions, bases);
  return {
    kind: 'variable',
    name: here.name,
    location: here.location,
    ...(definition === undefined ? {} : { definition }),
    mentions: mentions.map(({ location }) => location),
    canRename: false,
  };
}

/**
 * For each stage, the scope in which its variable of one name begins: the first stage under it that sets it, or the
 * global scope, where an ARG without a default takes its value from.
 */
function ownersOf(
  mentions: readonly VariableMention[],
  bases: readonly (number | undefined)[],
  isGlobal: boolean,
): readonly number[] {
  const first = new Map<number, VariableMention>();
  for (const mention of mentions) {
    if (mention.role !== 'use' && !first.has(mention.scope)) first.set(mention.scope, mention);
  }
  const hasGlobal = isGlobal || first.has(GLOBAL_SCOPE);
  const isSet: boolean[] = [];
  const owners: number[] = [];
  bases.forEach((base, stage) => {
    const own = first.get(stage);
    const inherits = base !== undefined && isSet[base] === true;
    isSet.push(inherits || own !== undefined);
    if (inherits) owners.push(owners[base] ?? stage);
    else owners.push(own?.role === 'name' && hasGlobal ? GLOBAL_SCOPE : stage);
  });
  return owners;
}

function ownerOf(owners: readonly number[], scope: number): number {
  return owners[scope] ?? scope;
}

/** The nearest definition above a mention that it can see: in its stage, in those under it, or in the global scope. */
function definitionOf(
  here: VariableMention,
  mentions: readonly VariableMention[],
  bases: readonly (number | undefined)[],
): SourceLocation | undefined {
  const visible = new Set([here.scope, GLOBAL_SCOPE]);
  for (let base = bases[here.scope]; base !== undefined; base = bases[base]) visible.add(base);
  return mentions
    .slice(0, mentions.indexOf(here) + 1)
    .findLast(({ role, scope }) => role !== 'use' && visible.has(scope))?.location;
}
