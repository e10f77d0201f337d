import { argHistory } from '../../dockerfile/history-text.ts';
import type { ArgDefinition, ArgInstruction } from '../../dockerfile/instruction.ts';
import { SCAN_ARGUMENTS } from '../../dockerfile/scan-arguments.ts';
import { withHistory, withVariable, type StageState } from '../stage-state.ts';
import { expandIn, type InstructionContext } from './instruction-context.ts';

/** ARG: the value given to the build, else the default, else the global argument of that name. */
export function executeArg(
  context: InstructionContext,
  state: StageState,
  instruction: ArgInstruction,
): StageState {
  const named: { key: string; value: string | undefined }[] = [];
  let next = state;
  for (const definition of instruction.args) {
    const value = valueOf(context, next, definition);
    const { name } = definition;
    next = { ...next, args: [...next.args, { name, value }] };
    const isVariable = value !== undefined && !SCAN_ARGUMENTS.includes(name);
    if (isVariable) next = withVariable(next, name, value);
    named.push({ key: name, value });
  }
  return withHistory(next, argHistory(named));
}

function valueOf(
  context: InstructionContext,
  state: StageState,
  definition: ArgDefinition,
): string | undefined {
  const { request, globalArgs } = context.run;
  const given = Object.hasOwn(request.buildArgs, definition.name)
    ? request.buildArgs[definition.name]
    : undefined;
  if (given !== undefined) return given;
  if (definition.value === undefined) return globalArgs.get(definition.name);
  return expandIn(context, state, definition.value, definition.location);
}
