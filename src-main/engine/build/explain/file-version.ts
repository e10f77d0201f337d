import type { SourceNode } from '../source/source-tree.ts';
import type { Digest } from '../../../contract/oci-types.ts';

const SHORT_DIGITS = 16;

/** A file, folder or link in a few words that are equal as long as a copy of it is. */
export function describeFile(node: SourceNode, digest: Digest | undefined): string {
  const { type, mode, uid, gid, sizeBytes, link } = node;
  const content = type === 'symlink' ? link : (digest?.slice('sha256:'.length).slice(0, SHORT_DIGITS) ?? '');
  return `${type} ${mode.toString(8)} ${uid}:${gid} ${type === 'file' ? sizeBytes : 0} ${content}`;
}

export interface FileVersion {
  readonly type: string;
  readonly mode: string;
  readonly owner: string;
  readonly sizeBytes: number;
  /** A part of the content's digest, or where a link leads. */
  readonly content: string;
}

/** Reads what `describeFile` wrote. */
export function parseFileVersion(text: string): FileVersion {
  const [type = '', mode = '', owner = '', size = '', ...content] = text.split(' ');
  return { type, mode, owner, sizeBytes: Number(size), content: content.join(' ') };
}
