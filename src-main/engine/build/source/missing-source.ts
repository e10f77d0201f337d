import { EngineError } from '../../../contract/errors.ts';
import { nearestPath } from './nearest-path.ts';
import type { SourceTree } from './source-tree.ts';

/** True for a path whose `..` climb above where it starts. */
function isAbove(path: string): boolean {
  let depth = 0;
  return path.split('/').some((name) => {
    if (name !== '' && name !== '.') depth += name === '..' ? -1 : 1;
    return depth < 0;
  });
}

/** NOT_FOUND for a path that a tree has not: says whether an ignore file leaves it out, or what was probably meant. */
export function missingSource(tree: SourceTree, path: string, written = path.slice(1)): EngineError {
  const shown = path.slice(1) || '/';
  if (isAbove(written)) {
    return new EngineError('NOT_FOUND', `${written} leads out of ${tree.name}`, {
      hint: `Nothing above it can be reached: ${shown} is looked for in it, and is not there.`,
    });
  }
  const message = `${shown} is not in ${tree.name}`;
  const ignored = tree.leftOutBy?.(path);
  if (ignored !== undefined) {
    return new EngineError(
      'NOT_FOUND',
      `${message}: ${ignored.place} leaves it out with ${ignored.pattern}`,
      {
        hint: `Take it back with a line below that one: !${shown}`,
      },
    );
  }
  const likely = nearestPath(tree, path)?.slice(1);
  return new EngineError('NOT_FOUND', message, {
    hint:
      likely === undefined ? `Check the path: it is looked up in ${tree.name}.` : `Did you mean ${likely}?`,
  });
}
