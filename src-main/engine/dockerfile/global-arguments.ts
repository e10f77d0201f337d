import { expandWord } from './expand-word.ts';
import type { Environment } from './expand-word.ts';
import type { Dockerfile } from './dockerfile.ts';

/**
 * The global scope: `predefined` (see `platformArguments`) and the ARG instructions before the first FROM, in
 * order, each seeing those before it. A build argument replaces a default and is not expanded.
 * Throws an EngineError DOCKERFILE when a default cannot be expanded.
 */
export function globalArguments(
  dockerfile: Dockerfile,
  predefined: Environment,
  buildArgs: Environment,
): Environment {
  const scope = new Map(predefined);
  for (const { name, value } of dockerfile.globalArgs.flatMap((instruction) => instruction.args)) {
    const given = buildArgs.get(name);
    const { escape } = dockerfile;
    const chosen = given ?? (value === undefined ? undefined : expandWord(value, scope, { escape }));
    if (chosen !== undefined) scope.set(name, chosen);
  }
  return scope;
}
