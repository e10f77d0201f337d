import { lookAtContextPath, type ContextPath } from './context-folder.ts';
import { formatBytes } from './format-bytes.ts';
import type { HoverText } from './hover-text.ts';
import type { Question } from './question.ts';

function sentences(found: ContextPath, path: string): readonly string[] {
  if (found.ignoredBy !== undefined && found.exists) {
    const { pattern, place } = found.ignoredBy;
    return [`A build does not see it: ${place} leaves it out with ${pattern}.`];
  }
  if (!found.exists) return [`There is no ${path} in the build context.`];
  return found.isFolder ? ['A folder: what is in it is copied, not the folder itself.'] : [];
}

/** A source of COPY or ADD: what a build would find. */
export async function hoverSource(question: Question, path: string): Promise<HoverText> {
  const { context, reading } = question;
  if (/^[a-z][a-z0-9+.-]*:\/\/|^git@/i.test(path)) {
    return { title: path, text: ['Fetched by the build.'], facts: [] };
  }
  if (/[*?[]/.test(path))
    return { title: path, text: ['A pattern: * and ? match within a name.'], facts: [] };
  if (context === undefined) return { title: path, text: ['A path of the build context.'], facts: [] };
  const found = await lookAtContextPath(context, reading.dockerfile.file, path);
  const kind = found.isFolder ? 'folder' : 'file';
  return {
    title: path,
    text: [...sentences(found, path)],
    facts: found.exists
      ? [
          { name: 'Kind', value: kind },
          ...(found.isFolder ? [] : [{ name: 'Size', value: formatBytes(found.sizeBytes) }]),
        ]
      : [],
  };
}
