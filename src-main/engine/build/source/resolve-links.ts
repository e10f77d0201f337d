import { EngineError } from '../../../contract/errors.ts';

const LINK_LIMIT = 255;

/** What link resolution needs to know about the node at a path whose parents are no links. */
export interface LinkNode {
  readonly type: string;
  readonly link: string;
}

/**
 * Resolves a path inside a tree: links are followed, `..` never leaves the root, and components that are missing are
 * kept as they are, so that the answer is where a write would go. INVALID_INPUT for a loop of links.
 */
export function resolveLinks(
  path: string,
  lookUp: (path: string) => LinkNode | undefined,
  followLast: boolean,
): string {
  const pending = components(path).reverse();
  let resolved = '';
  let links = 0;
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === '..') {
      resolved = resolved.slice(0, Math.max(0, resolved.lastIndexOf('/')));
      continue;
    }
    const next = `${resolved}/${name}`;
    const node = pending.length > 0 || followLast ? lookUp(next) : undefined;
    if (node?.type !== 'symlink') {
      resolved = next;
      continue;
    }
    links += 1;
    if (links > LINK_LIMIT) throw tooManyLinks(path);
    if (node.link.startsWith('/')) resolved = '';
    pending.push(...components(node.link).reverse());
  }
  return resolved === '' ? '/' : resolved;
}

function tooManyLinks(path: string): EngineError {
  return new EngineError('INVALID_INPUT', `too many symbolic links in ${path}`, {
    hint: 'Most likely one of them leads back to itself.',
  });
}

function components(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}
