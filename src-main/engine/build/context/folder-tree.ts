import { EngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { digestOfContent } from '../source/digest-of-content.ts';
import { resolveLinks } from '../source/resolve-links.ts';
import type { OpenOptions, SourceNode, SourceTree } from '../source/source-tree.ts';
import type { ReadHostFile } from './read-host-file.ts';
import type { StatCache } from './stat-cache.ts';
import type { WalkedFolder, WalkedNode } from './walk-folder.ts';

/** A walked folder of the host as a source. Links resolve inside it, whatever they point at (S5). */
export function folderTree(
  walk: WalkedFolder,
  name: string,
  read: ReadHostFile,
  cache: StatCache | undefined,
): SourceTree {
  const learned = new Map<string, Digest>();
  const resolve = (path: string, followLast: boolean) =>
    walk.nodes.get(resolveLinks(path, (at) => walk.nodes.get(at), followLast));
  const learn = (node: SourceNode, digest: Digest): void => {
    learned.set(node.path, digest);
    cache?.put(node as WalkedNode, digest);
  };
  const open = (node: SourceNode, options?: OpenOptions) => {
    refuse(node, name);
    return read(node as WalkedNode, options);
  };
  return {
    name,
    lstat: (path) => resolve(path, false),
    stat: (path) => resolve(path, true),
    children: (path) => walk.children.get(resolve(path, true)?.path ?? '') ?? [],
    check: (node) => refuse(node, name),
    open,
    learn,
    digest: async (node, options) => {
      const known = learned.get(node.path) ?? cache?.get(node as WalkedNode);
      if (known !== undefined) return known;
      const digest = await digestOfContent(open(node, options), options?.onRead);
      learn(node, digest);
      return digest;
    },
  };
}

/** Why a build refuses an entry of a folder, or undefined. */
export function refusal(node: Pick<SourceNode, 'type'>): string | undefined {
  if (node.type === 'fifo') return 'it is a FIFO (named pipe)';
  if (node.type === 'socket') return 'it is a socket';
  if (node.type === 'char' || node.type === 'block') return 'it is a device';
  return node.type === 'unreadable' ? 'this folder may not be read' : undefined;
}

function refuse(node: SourceNode, name: string): void {
  const why = refusal(node);
  if (why === undefined) return;
  const code = node.type === 'unreadable' ? 'PERMISSION' : 'UNSUPPORTED';
  throw new EngineError(code, `cannot copy ${node.path.slice(1)} of ${name}: ${why}`, {
    hint: 'Leave it out with .dockerignore, or remove it.',
  });
}
